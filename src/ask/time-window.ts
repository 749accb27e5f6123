import { type Line, readLine } from '../entry/line.ts'
import type { Clock } from '../lib/clock.ts'
import { parseTime } from '../view/time.ts'

/** A line of an agent, and the time of its entry. */
export interface TimedLine {
  readonly line: Buffer
  readonly parsed: Line
  /** Milliseconds since 1970, and the nanoseconds below them. */
  readonly timeMs: number
  readonly timeNs: number
  /** Monotonic milliseconds. */
  readonly arrivedMs: number
}

/** Milliseconds to buffer a line, so that earlier lines of other nodes can arrive; agents read within tens of milliseconds. */
const bufferMs = 200
/** Milliseconds between two checks, which may delay a line further: 20 writes per second look smooth and cost little. */
const paceMs = 50
/** Milliseconds to sleep while nothing is buffered; the first line ends the sleep. */
const idleMs = 60_000
/** Bytes. If more is buffered, all lines are due at once, and the agents' streams wait. */
const maxBufferedBytes = 8 * 1024 * 1024

/** Sorts lines of many agents by their times, if they arrive shortly after one another. */
export class TimeWindow {
  readonly #clock: Clock
  #buffered: TimedLine[] = []
  #bufferedBytes = 0
  #room = Promise.withResolvers<void>()
  #changed = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when the next line may be added. */
  async add(line: Buffer): Promise<void> {
    const parsed = readLine(line.toString())
    const arrivedMs = this.#clock.monotonic()
    const time = parsed.kind === 'entry' ? (parsed.entry.time ?? '') : ''
    const timeMs = parseTime(time) ?? this.#clock.now()
    this.#buffered.push({ line, parsed, timeMs, timeNs: nanosecondsOf(time), arrivedMs })
    this.#bufferedBytes += line.length
    if (this.#buffered.length === 1 || this.#isFull) this.#changed.abort()
    if (this.#isFull) await this.#room.promise
  }

  /** Yields lines as they become due, until the signal aborts. */
  async *due(signal: AbortSignal): AsyncGenerator<readonly TimedLine[]> {
    while (!signal.aborted) {
      const lines = this.#take()
      if (lines.length > 0) yield lines
      if (!this.#isFull) await this.#wait(signal)
    }
  }

  get #isFull(): boolean {
    return this.#bufferedBytes > maxBufferedBytes
  }

  /** The lines that were buffered long enough, and all lines with earlier times. */
  #take(): TimedLine[] {
    const isOver = ({ arrivedMs }: TimedLine) => this.#isFull || arrivedMs + bufferMs <= this.#clock.monotonic()
    const last = this.#buffered.filter(isOver).reduce<TimedLine | undefined>(later, undefined)
    if (last === undefined) return []
    const due = this.#buffered.filter((line) => byTime(line, last) <= 0)
    this.#buffered = this.#buffered.filter((line) => byTime(line, last) > 0)
    this.#bufferedBytes = this.#buffered.reduce((sum, { line }) => sum + line.length, 0)
    this.#room.resolve()
    this.#room = Promise.withResolvers()
    return due.sort(byTime)
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const [oldest] = this.#buffered
    const leftMs = oldest === undefined ? idleMs : oldest.arrivedMs + bufferMs - this.#clock.monotonic()
    this.#changed = new AbortController()
    await this.#clock.sleep(Math.max(leftMs, paceMs), AbortSignal.any([signal, this.#changed.signal]))
  }
}

function later(one: TimedLine | undefined, other: TimedLine): TimedLine {
  return one !== undefined && byTime(one, other) > 0 ? one : other
}

function byTime(one: TimedLine, other: TimedLine): number {
  return one.timeMs - other.timeMs || one.timeNs - other.timeNs
}

/** The digits of a time after the milliseconds. */
function nanosecondsOf(time: string): number {
  const [, digits = ''] = /\.\d{3}(\d{1,6})/.exec(time) ?? []
  return Number(digits.padEnd(6, '0'))
}
