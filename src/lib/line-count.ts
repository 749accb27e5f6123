/** Lines of a log that an agent explains at a time. */
const MOST_LINES = 200

/** How many lines are to be explained. Throws, with the value that it got, for what is no such number. */
export function parseLineCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0 && count <= MOST_LINES) return count
  throw new RangeError(`expected a number from 1 to ${MOST_LINES}; got ${text}`)
}
