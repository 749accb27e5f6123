/** Entries that are not shown, and why. */
export interface Gap {
  readonly reason: 'agent' | 'pause' | 'connection'
  /** Undefined if the number is not known. */
  readonly entries: number | undefined
}

/** An entry's JSON, which is parsed only when it is shown, or a gap. */
export type QueueItem = string | Gap

/**
 * What has arrived and is not shown yet, in order. If there is more than its capacity, it keeps a sample: every second, third, … entry; or,
 * while the view is paused, the newest entries.
 */
export class EntryQueue {
  readonly #capacity: number
  #items: QueueItem[] = []
  #sampledOut = 0
  #isPaused = false

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#items.length
  }

  /** Entries dropped by sampling since the start. */
  get sampledOut(): number {
    return this.#sampledOut
  }

  offer(item: QueueItem): void {
    this.#items.push(item)
    if (this.#items.length >= 2 * this.#capacity) this.#shrink()
  }

  /** While paused, nothing is taken, and the newest entries are kept instead of a sample. */
  pause(): void {
    this.#shrink()
    this.#isPaused = true
  }

  resume(): void {
    this.#shrink()
    this.#isPaused = false
  }

  take(count: number): QueueItem[] {
    this.#shrink()
    return this.#items.splice(0, count)
  }

  clear(): void {
    this.#items = []
  }

  #shrink(): void {
    if (this.#items.length <= this.#capacity) return
    if (this.#isPaused) this.#items = newest(this.#items, this.#capacity)
    else {
      const before = entryCount(this.#items)
      this.#items = sample(this.#items, Math.ceil(this.#items.length / this.#capacity))
      this.#sampledOut += before - entryCount(this.#items)
    }
  }
}

function entryCount(items: readonly QueueItem[]): number {
  return items.reduce((count, item) => count + (typeof item === 'string' ? 1 : 0), 0)
}

/** Every `step`th entry, and all gaps; gaps that become adjacent are merged. */
function sample(items: readonly QueueItem[], step: number): QueueItem[] {
  const kept: QueueItem[] = []
  let index = 0
  for (const item of items) {
    if (typeof item !== 'string') pushGap(kept, item)
    else if (index++ % step === 0) kept.push(item)
  }
  return kept
}

function newest(items: readonly QueueItem[], count: number): QueueItem[] {
  const cut = items.length - count + 1
  const kept: QueueItem[] = []
  const left = items.slice(0, cut)
  for (const gap of left) if (typeof gap !== 'string' && gap.reason !== 'pause') pushGap(kept, gap)
  const counted = left.reduce((sum, item) => sum + (typeof item === 'string' ? 1 : pausedEntries(item)), 0)
  kept.push({ reason: 'pause', entries: counted })
  return [...kept, ...items.slice(cut)]
}

function pausedEntries({ reason, entries = 0 }: Gap): number {
  return reason === 'pause' ? entries : 0
}

function pushGap(items: QueueItem[], gap: Gap): void {
  const last = items.at(-1)
  if (typeof last !== 'object' || last.reason !== gap.reason) items.push(gap)
  else items[items.length - 1] = merged(last, gap)
}

/** Two adjacent gaps with the same reason. */
export function merged(a: Gap, b: Gap): Gap {
  const isCounted = a.entries !== undefined && b.entries !== undefined
  return { reason: a.reason, entries: isCounted ? a.entries + b.entries : undefined }
}
