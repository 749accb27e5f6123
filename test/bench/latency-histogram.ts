/** Fine buckets in each tenfold: a quantile is right to 1.2 %. */
const PER_TENFOLD = 200
/** So many make a bar of the picture. */
const PER_BAR = 25
const LEAST_MS = 0.01
const TENFOLDS = 8

/** Milliseconds from the write of a line to its entry in the output. */
export interface LatencySummary {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly most: number
  /** From the first that holds one to the last. Each begins where the one before ends, all equally wide on a logarithmic scale. */
  readonly bars: readonly LatencyBar[]
}

export interface LatencyBar {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/** Counts latencies in a fixed amount of memory, so that counting them makes none of them longer. */
export class LatencyHistogram {
  #count = 0
  #most = 0
  readonly #buckets = new Uint32Array(PER_TENFOLD * TENFOLDS)

  add(ms: number): void {
    const bucket = Math.floor(Math.log10(Math.max(ms, LEAST_MS) / LEAST_MS) * PER_TENFOLD)
    const index = Math.min(bucket, this.#buckets.length - 1)
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1
    this.#count += 1
    this.#most = Math.max(this.#most, ms)
  }

  summary(): LatencySummary {
    return {
      count: this.#count,
      p50: this.#quantile(0.5),
      p90: this.#quantile(0.9),
      p99: this.#quantile(0.99),
      p999: this.#quantile(0.999),
      most: this.#most,
      bars: this.#bars(),
    }
  }

  #quantile(share: number): number {
    let left = this.#count * share
    const index = this.#buckets.findIndex((count) => {
      left -= count
      return left <= 0
    })
    return Math.min(edge(index + 1), this.#most)
  }

  #bars(): LatencyBar[] {
    const bars = Array.from({ length: this.#buckets.length / PER_BAR }, (_, bar) => {
      const [from, to] = [bar * PER_BAR, (bar + 1) * PER_BAR]
      const count = this.#buckets.subarray(from, to).reduce((sum, one) => sum + one, 0)
      return { fromMs: edge(from), toMs: edge(to), count }
    })
    const isFilled = ({ count }: LatencyBar) => count > 0
    return bars.slice(bars.findIndex(isFilled), bars.findLastIndex(isFilled) + 1)
  }
}

function edge(bucket: number): number {
  return LEAST_MS * 10 ** (bucket / PER_TENFOLD)
}
