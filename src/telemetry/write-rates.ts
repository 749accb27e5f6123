import type { ContainerRef } from '../model/container-ref.ts'
import type { ContainerStatus } from '../model/log-status.ts'

/** Minimum milliseconds between the two scrapes that a rate is computed from: two scrapers may come right after each other. */
const LEAST_MS = 5000

interface Look {
  readonly atMs: number
  readonly writtenBytes: number
  readonly bytesPerSecond: number | undefined
}

/** How fast containers write, from how much they had written at two scrapes. */
export class WriteRates {
  readonly #looks = new WeakMap<ContainerRef, Look>()

  /** Bytes per second between this scrape and an earlier one; undefined if there is no earlier one. */
  look({ ref, counters, lagBytes }: Pick<ContainerStatus, 'ref' | 'counters' | 'lagBytes'>, nowMs: number) {
    const before = this.#looks.get(ref)
    if (before !== undefined && nowMs - before.atMs < LEAST_MS) return before.bytesPerSecond
    const writtenBytes = (counters?.bytes ?? 0) + lagBytes
    const bytesPerSecond = before && rateSince(before, { writtenBytes, nowMs })
    this.#looks.set(ref, { atMs: nowMs, writtenBytes, bytesPerSecond })
    return bytesPerSecond
  }
}

/** Undefined if the total has decreased: after a loss, or if the container was excluded for a time. */
function rateSince(
  before: Look,
  { writtenBytes, nowMs }: { readonly writtenBytes: number; readonly nowMs: number },
): number | undefined {
  const bytes = writtenBytes - before.writtenBytes
  return bytes < 0 ? undefined : bytes / ((nowMs - before.atMs) / 1000)
}
