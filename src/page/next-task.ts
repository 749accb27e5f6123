const { port1, port2 } = new MessageChannel()

/** Lets the browser run other tasks. Unlike a timer, this is not delayed in a background tab. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true })
    port1.start()
    port2.postMessage(null)
  })
}
