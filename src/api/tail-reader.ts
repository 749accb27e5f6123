import type { Clock } from '../lib/clock.ts'
import { countLines } from '../lib/count-lines.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { EntryReader } from './entry-feed.ts'
import type { TailFilter } from './tail-filter.ts'

const NEWLINE = 0x0a
const [BEFORE, BEHIND] = [Buffer.from('data: '), Buffer.from('\n\n')]
/** Bytes that may wait for the reader; beyond, it is slow. */
const WAITING_BYTES = 4 * 1024 * 1024
/** Entries looked at in a tenth of a second. A person reads ten; a page that shows 5,000 a second samples them. */
const SLICE_ENTRIES = 1000
const SLICE_MS = 100
/** Bytes of entries sent in a tenth of a second: what one costs is copying them. */
const SLICE_BYTES = 2 * 1024 * 1024
/** Readers that may each have as much as stands above; more share as much as these have: some 24 MiB, of the 256 that the manifest allows. */
const FULL_SHARES = 4
/** Milliseconds between two comments that keep the connection known to be alive. */
const HEARTBEAT_MS = 15_000

/** Where events go: what of a `ServerResponse` is needed. */
export interface EventStream {
  write(bytes: Buffer | string): boolean
  readonly writableLength: number
}

export interface TailReaderParts {
  /** What is known of a container's pod. */
  find(ref: ContainerRef): PodRecord | undefined
  /** How many read now, this one included. */
  readerCount(): number
  readonly clock: Clock
}

/**
 * Sends matching entries as server-sent events, `data: {…}`. The agent never waits for it: what a slow reader, or a flood, makes it leave out
 * is counted and told, `event: dropped`. Entries that were not looked at count too, whether or not they would have matched.
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
    this.#stream.write(Buffer.concat(events)) // a copy: the batch is written over when it is acked
  }

  /** To be called about once a second: tells what was left out since, and now and then that the agent is still there. */
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

  /** Whether one more entry may be looked at now; takes its share. */
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
