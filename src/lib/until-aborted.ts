/** What the promise settles to, or the signal's reason as soon as that aborts: for work that cannot be called off and is left behind. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    const settle = (pass: () => void) => {
      signal.removeEventListener('abort', onAbort)
      pass()
    }
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}
