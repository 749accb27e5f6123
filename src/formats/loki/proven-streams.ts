/**
 * Milliseconds after which a stream counts as new again. Loki forgets one that was idle for half an hour (`chunk_idle_period`), and may then not make it
 * again, for it has too many.
 */
const PROVEN_MS = 600_000
/** A node has fewer containers, but for those that are gone. */
const MANY = 1000

/**
 * Streams that Loki was seen to take. An ingester says of a request only what became of its last stream (pkg/ingester/instance.go, `Push`): 204 may hide that
 * others were refused. So a stream is sent alone first: if Loki does not make it, that is seen.
 */
export class ProvenStreams {
  readonly #seenMs = new Map<string, number>()

  has(stream: Buffer, nowMs: number): boolean {
    return this.#isFresh(this.#seenMs.get(stream.toString()), nowMs)
  }

  add(stream: Buffer, nowMs: number): void {
    if (this.#seenMs.size >= MANY)
      for (const [name, seenMs] of this.#seenMs) if (!this.#isFresh(seenMs, nowMs)) this.#seenMs.delete(name)
    this.#seenMs.set(stream.toString(), nowMs)
  }

  /** The time of day may be set back. */
  #isFresh(seenMs: number | undefined, nowMs: number): boolean {
    return seenMs !== undefined && Math.abs(nowMs - seenMs) < PROVEN_MS
  }
}
