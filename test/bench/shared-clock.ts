/**
 * Milliseconds, in fractions, since some moment before the machine's start: the same clock for all its processes. Not the time of
 * day, which each process of Node reads once and then extrapolates, so that two of them drift apart.
 */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
