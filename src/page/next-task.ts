const { port1, port2 } = new MessageChannel()

/** Lets the browser do what is due. Unlike a timer's, this turn is not put off in a tab that is not looked at. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true })
    port1.start()
    port2.postMessage(null)
  })
}
