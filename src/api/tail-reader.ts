import type { Clock } from '../lib/clock.ts'
import { countLines } from '../lib/count-lines.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { TailSelection } from '../model/tail-selection.ts'
import type { EntryReader } from './entry-feed.ts'
import type { TailFilter } from './tail-filter.ts'

const NEWLINE = 0x0a
const [BEFORE, BEHIND] = [Buffer.from('data: '), Buffer.from('\n\n')]
/** Bytes that may be buffered for the reader; if there are more, it is slow, and entries are dropped. */
const WAITING_BYTES = 4 * 1024 * 1024
/** Entries to check per tenth of a second. A person can read ten; a page that shows 5,000 per second shows a sample. */
const SLICE_ENTRIES = 1000
const SLICE_MS = 100
/** Bytes of entries to send per tenth of a second: the cost of an entry is copying it. */
const SLICE_BYTES = 2 * 1024 * 1024
/** Up to so many readers get the full amounts above; more readers share the same total: 24 MiB of the 256 in the manifest. */
const FULL_SHARES = 4
/** Milliseconds between two comments that keep the connection open. */
const HEARTBEAT_MS = 15_000

/** The part of a `ServerResponse` that is needed here. */
export interface EventStream {
  write(bytes: Buffer | string): boolean
  readonly writableLength: number
}

export interface TailReaderParts {
  /** The record of a container's pod. */
  find(ref: ContainerRef): PodRecord | undefined
  /** How many readers there are, including this one. */
  readerCount(): number
  readonly clock: Clock
}

/**
 * Sends matching entries as server-sent events, `data: {…}`. The agent never waits for a reader. If it is slow or there are too many
 * entries, some are dropped, and their number is sent as `event: dropped`. It includes unchecked entries that might not have matched.
 */
export class TailReader implements EntryReader {
  readonly #filter: TailFilter
  readonly #stream: EventStream
  readonly #parts: TailReaderParts
  readonly #matches = new WeakMap<ContainerRef, { readonly pod: PodRecord | undefined; readonly isMatch: boolean }>()
  #slice = { sinceMs: Number.NEGATIVE_INFINITY, entries: 0, bytes: 0 }
  #dropped = 0
  #saidMs: number

  constructor(filter: TailFilter, stream: EventStream, parts: TailReaderParts) {
    this.#filter = filter
    this.#stream = stream
    this.#parts = parts
    this.#saidMs = parts.clock.monotonic()
    stream.write(': loggy\n\n')
  }

  offer(ref: ContainerRef, entries: Uint8Array): void {
    if (!this.#matchesContainer(ref)) return
    const bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength)
    const { hint } = this.#filter
    if (hint !== undefined && !bytes.includes(hint)) return
    const events: Buffer[] = []
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, start)
      const end = newline < 0 ? bytes.length : newline
      const line = bytes.subarray(start, end)
      start = end + 1
      if (hint !== undefined && !line.includes(hint)) continue
      if (!this.#hasRoom(line.length)) {
        this.#dropped += 1 + countLines(bytes.subarray(start))
        break
      }
      if (this.#filter.matchesEntry?.(line) ?? true) events.push(BEFORE, line, BEHIND)
    }
    if (events.length === 0) return
    this.#saidMs = this.#parts.clock.monotonic()
    this.#stream.write(Buffer.concat(events)) // a copy: the batch's memory is reused after its ack
  }

  /** If nothing can come, since no container matches now or all that do are left out, says so and by what. */
  describe(containers: readonly ContainerStatus[]): void {
    const matching = containers.filter(({ ref }) => this.#matchesContainer(ref))
    const excluded: Record<string, number> = {}
    for (const { state, rule } of matching) if (state === 'exclude') excluded[rule] = (excluded[rule] ?? 0) + 1
    const selection: TailSelection = { containers: matching.length, excluded }
    if (matching.some(({ state }) => state !== 'exclude')) return
    this.#stream.write(`event: selection\ndata: ${JSON.stringify(selection)}\n\n`)
  }

  /** Call about once a second. Reports the number of dropped entries, and sends a heartbeat if nothing else was sent. */
  tend(): void {
    const nowMs = this.#parts.clock.monotonic()
    if (this.#dropped > 0 && this.#stream.writableLength < WAITING_BYTES) {
      this.#stream.write(`event: dropped\ndata: ${JSON.stringify({ entries: this.#dropped })}\n\n`)
      this.#dropped = 0
    } else if (nowMs - this.#saidMs < HEARTBEAT_MS) return
    else if (this.#stream.writableLength === 0) this.#stream.write(':\n\n')
    this.#saidMs = nowMs
  }

  #matchesContainer(ref: ContainerRef): boolean {
    const pod = this.#parts.find(ref)
    const known = this.#matches.get(ref)
    if (known !== undefined && known.pod === pod) return known.isMatch
    const isMatch = this.#filter.matchesContainer(ref, pod)
    this.#matches.set(ref, { pod, isMatch })
    return isMatch
  }

  /** Whether one more entry may be checked now; if so, counts it. */
  #hasRoom(byteCount: number): boolean {
    const share = Math.min(1, FULL_SHARES / this.#parts.readerCount())
    if (this.#stream.writableLength > WAITING_BYTES * share) return false
    const nowMs = this.#parts.clock.monotonic()
    if (nowMs - this.#slice.sinceMs >= SLICE_MS) this.#slice = { sinceMs: nowMs, entries: 0, bytes: 0 }
    this.#slice.entries += 1
    this.#slice.bytes += byteCount
    const { entries, bytes } = this.#slice
    return entries === 1 || (entries <= SLICE_ENTRIES * share && bytes <= SLICE_BYTES * share)
  }
}
