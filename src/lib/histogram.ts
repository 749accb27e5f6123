/** The counts of a histogram. */
export interface HistogramCounts {
  /** Upper limits of the buckets, ascending and inclusive. */
  readonly limits: readonly number[]
  /** One count per limit, then one for all values above the last limit. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Counts values by size, with a fixed amount of memory. */
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
