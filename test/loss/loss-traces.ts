import { readTraces } from '../traces/traces.ts'

/** Of so many records one is a stack trace. */
const EACH = 50

/** Those of the corpus whose first line may have a mark behind it, and stays what it is. */
const traces: readonly (readonly string[])[] = readTraces()
  .flatMap(({ records }) => records)
  .filter(([first = '', ...rest]) => rest.length > 0 && /^[\w[].*[^:{\]\-[]$/.test(first) && !first.includes('@'))

/** Numbers of records, among which is each trace. */
export const SEQUENCES = traces.length * EACH

export function isTrace(sequence: number): boolean {
  return sequence % EACH === EACH - 1
}

/** The lines of a container's record with that number and mark, if it is a trace. Real programs wrote them (test/traces). */
export function traceOf(sequence: number, mark: string): readonly string[] | undefined {
  if (!isTrace(sequence)) return undefined
  const [first, ...rest] = traces[Math.floor(sequence / EACH) % traces.length] ?? []
  return [`${first} ${mark}`, ...rest]
}

/** Every other one goes to stderr, with usual lines on stdout between its lines. */
export function isApart(sequence: number): boolean {
  return Math.floor(sequence / EACH) % 2 === 1
}
