/** A promise whose state can be looked at; its failure is handled. */
export function watch<T>(promise: Promise<T>) {
  const watched = { promise, state: 'pending' }
  promise.then(
    () => {
      watched.state = 'resolved'
    },
    () => {
      watched.state = 'rejected'
    },
  )
  return watched
}
