/** What a histogram has counted, as it stands. */
export interface HistogramCounts {
  /** Upper limits of the buckets, ascending; a value on a limit belongs below it. */
  readonly limits: readonly number[]
  /** One count for each limit, and last that of what is above all of them. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Counts values by size in a fixed amount of memory. */
export class Histogram implements HistogramCounts {
  readonly limits: readonly number[]
  readonly counts: number[]
  sum = 0

  constructor(limits: readonly number[]) {
    this.limits = limits
    this.counts = new Array(limits.length + 1).fill(0)
  }

  add(value: number): void {
    const index = this.limits.findIndex((limit) => value <= limit)
    const bucket = index < 0 ? this.limits.length : index
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += value
  }
}
