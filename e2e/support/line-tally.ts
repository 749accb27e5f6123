import { type Entry, parseEntry } from './entry-log.ts'
import { parseWritten } from './numbered-lines.ts'
import { until } from './until.ts'

/** An agent's delay in sending, and what a busy machine adds. */
const CAUGHT_UP_MS = 2000

/**
 * How nearly all entries begin. To parse each takes a third of a core at 20,000 a second, which agents and kubelet would lack.
 */
const USUAL = /^\{"time":"([^"]*)","stream":"stdout","log":"([^"\\]*)"/

/** No more than these are kept of each kind of fault: one cause makes thousands. */
const SHOWN_FAULTS = 5

/** What became of the lines of one writer, as their entries arrive. */
export class LineTally {
  /** Lines that came more than once, each time counted. */
  duplicates = 0
  /** Of the writer's last numbered line, once it has said which that is. */
  last: number | undefined
  /** Entries that stand for bytes that could not be read. */
  readonly lost: string[] = []
  /** Entries that are not as their lines were written. */
  readonly torn: string[] = []
  /** Lines that came, for the first time, later than one that was written after them, or that one. */
  readonly misplaced: string[] = []
  /** All the metadata that came, each once, by its JSON. */
  readonly metadata = new Map<string, Entry['kubernetes']>()
  /** The longest time, in milliseconds, from the first coming of a line that came again to that of the last line before it. */
  oldestDuplicateMs = 0
  /** How old the line was that came last, in milliseconds. */
  lagMs = Number.POSITIVE_INFINITY
  /** By number: when it first came, in milliseconds; 0: never. */
  #takenMs = new Float64Array(1 << 20)
  #highest = 0
  /** What stood behind the log of the last entry that was parsed: where it is the same, so is the metadata. */
  #rest: string | undefined

  /** Takes a line of NDJSON. */
  take(json: string): void {
    const [start, time = '', log = ''] = USUAL.exec(json) ?? []
    const written = parseWritten(log)
    const isUsual = start !== undefined && json.slice(start.length) === this.#rest
    if (!isUsual || written === undefined || 'last' in written) this.#takeAny(json, start)
    else {
      this.lagMs = Date.now() - Date.parse(time)
      this.#count(written.number)
    }
  }

  #takeAny(json: string, start: string | undefined): void {
    const entry = parseEntry(json)
    if (start !== undefined && entry !== undefined) this.#rest = json.slice(start.length)
    if (entry !== undefined) this.lagMs = Date.now() - Date.parse(entry.time)
    if (entry !== undefined) this.metadata.set(JSON.stringify(entry.kubernetes), entry.kubernetes)
    const written = parseWritten(entry?.log ?? '')
    if (entry?.lost !== undefined) show(this.lost, json)
    else if (written === undefined || entry?.stream !== 'stdout') show(this.torn, json)
    else if ('last' in written) this.last = written.last
    else this.#count(written.number)
  }

  /** Resolves when lines come as they are written. Before that to end an agent again measures the machine: nobody reads what is behind. */
  async caughtUp(): Promise<void> {
    this.lagMs = Number.POSITIVE_INFINITY // of a line that came before, perhaps from an agent that has ended
    await until('lines come as they are written', async () => this.lagMs < CAUGHT_UP_MS)
  }

  /** The first and the last number of each run of lines that never came. */
  missing(): [number, number][] {
    const runs: [number, number][] = []
    for (let number = 1; number <= (this.last ?? this.#highest); number += 1) {
      if (this.#takenMs[number]) continue
      const run = runs.at(-1)
      if (run !== undefined && run[1] === number - 1) run[1] = number
      else runs.push([number, number])
    }
    return runs
  }

  #count(number: number): void {
    if (number >= this.#takenMs.length) {
      const larger = new Float64Array(number * 2)
      larger.set(this.#takenMs)
      this.#takenMs = larger
    }
    const takenMs = this.#takenMs[number]
    if (takenMs) {
      const ageMs = (this.#takenMs[this.#highest] ?? 0) - takenMs
      this.duplicates += 1
      this.oldestDuplicateMs = Math.max(this.oldestDuplicateMs, ageMs)
      return
    }
    this.#takenMs[number] = performance.now()
    if (number !== this.#highest + 1) show(this.misplaced, `${number} after ${this.#highest}`)
    this.#highest = Math.max(this.#highest, number)
  }
}

function show(faults: string[], fault: string): void {
  if (faults.length < SHOWN_FAULTS) faults.push(fault)
}
