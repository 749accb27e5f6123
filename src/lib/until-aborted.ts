/** Who waits, by signal: one listener serves all of them, since to add and remove one costs a batch some microseconds. */
const waiting = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>()

/** Settles like the promise, or rejects with the signal's reason when that aborts first. For work that cannot be cancelled. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const all = waitingFor(signal)
    all.add(reject)
    const done = () => all.delete(reject)
    promise.then(done, done)
    promise.then(resolve, reject)
  })
}

function waitingFor(signal: AbortSignal): Set<(reason: unknown) => void> {
  const known = waiting.get(signal)
  if (known !== undefined) return known
  const all = new Set<(reason: unknown) => void>()
  const onAbort = () => {
    for (const reject of all) reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  waiting.set(signal, all)
  return all
}
