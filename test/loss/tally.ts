import { mark, preciseNow } from './load.ts'
import { isTrace, traceOf } from './loss-traces.ts'

/** Only in entries of several lines. */
const JOINED = '"lines":'
/** Entries that are shown. */
const MOST_BROKEN = 3

/** Milliseconds after an ack within which a killed agent may not have stored it. */
const STORED_WITHIN_MS = 200

/** What became of the lines of one container. */
class ContainerTally {
  /** When each line was last taken, in milliseconds since 1970; 0: never. */
  takenMs = new Float64Array(1 << 16)
  distinct = 0
  /** Which agent each line last came from. */
  #agents = new Uint16Array(1 << 16)

  /** Returns undefined the first time, and else when it was taken before, and from which agent. */
  take(sequence: number, nowMs: number, agent: number): { takenMs: number; agent: number } | undefined {
    if (sequence >= this.takenMs.length) this.#enlarge(Math.max(sequence + 1, this.takenMs.length * 2))
    const before = { takenMs: this.takenMs[sequence] ?? 0, agent: this.#agents[sequence] ?? 0 }
    this.takenMs[sequence] = nowMs
    this.#agents[sequence] = agent
    if (before.takenMs > 0) return before
    this.distinct += 1
    return undefined
  }

  #enlarge(length: number): void {
    const [takenMs, agents] = [new Float64Array(length), new Uint16Array(length)]
    takenMs.set(this.takenMs)
    agents.set(this.#agents)
    this.takenMs = takenMs
    this.#agents = agents
  }
}

/** Counts lines as a destination takes them: which came, which came again and why, and how long they took. */
export class Tally {
  duplicates = 0
  /** Duplicates of what was acked too long before the kill. */
  needless = 0
  /** Milliseconds from ack to kill, of the duplicate for which that was longest. */
  oldestDuplicateMs = 0
  lossMarkers = 0
  /** Traces that came whole, and what else came of lines of traces, or was joined to other lines: the first few. */
  wholeTraces = 0
  brokenRecords = 0
  readonly broken: string[] = []
  lastTakenMs = 0
  /** When each agent was killed. */
  readonly #killsMs: number[] = []
  readonly #containers: ContainerTally[] = []
  /** Milliseconds from write to arrival, of the quiet containers. */
  readonly #latencies: number[] = []
  readonly #hasTraces: boolean

  constructor({ hasTraces }: { readonly hasTraces: boolean }) {
    this.#hasTraces = hasTraces
  }

  /** To be called just before an agent is killed; what comes from then on is another's. */
  agentKilled(): void {
    this.#killsMs.push(preciseNow())
  }

  get kills(): number {
    return this.#killsMs.length
  }

  /** Takes whole lines, each of a record with a `mark`, whatever stands around it. */
  take(lines: string): void {
    const nowMs = preciseNow()
    this.lastTakenMs = nowMs
    let joined = lines.indexOf(JOINED)
    for (let at = 0; at < lines.length; ) {
      const newline = lines.indexOf('\n', at)
      const end = newline < 0 ? lines.length : newline
      while (joined >= 0 && joined < at) joined = lines.indexOf(JOINED, at)
      const start = lines.indexOf('@', at)
      const isJoined = joined >= 0 && joined < end
      if (start < 0 || start > end) this.#takeUnmarked(lines.slice(at, end))
      else this.#takeRecord(lines, start + 1, { nowMs, entry: isJoined ? lines.slice(at, end) : undefined })
      at = end + 1
    }
  }

  distinct(container: number): number {
    return this.#containers[container]?.distinct ?? 0
  }

  get distinctRecords(): number {
    return this.#containers.reduce((sum, { distinct }) => sum + distinct, 0)
  }

  /** Milliseconds. */
  latency(quantile: number): number {
    const sorted = Float64Array.from(this.#latencies).sort()
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN
  }

  /** The first and the last line of each run of lines that never came, up to `limit` of them. */
  gaps(container: number, { written, limit }: { written: number; limit: number }): [number, number][] {
    const { takenMs } = this.#of(container)
    const gaps: [number, number][] = []
    for (let sequence = 0; sequence < written && gaps.length < limit; sequence += 1) {
      if (takenMs[sequence]) continue
      const last = gaps.at(-1)
      if (last !== undefined && last[1] === sequence - 1) last[1] = sequence
      else gaps.push([sequence, sequence])
    }
    return gaps
  }

  /** Tells of a loss, or is a piece of a trace. */
  #takeUnmarked(entry: string): void {
    if (entry.includes('"lost":')) this.lossMarkers += 1
    else this.#noteBroken(entry)
  }

  /** `entry`: the whole, if lines were joined. */
  #takeRecord(lines: string, start: number, { nowMs, entry }: { nowMs: number; entry: string | undefined }): void {
    const colon = lines.indexOf(':', start)
    const secondColon = lines.indexOf(':', colon + 1)
    const container = Number(lines.slice(start, colon))
    const sequence = Number(lines.slice(colon + 1, secondColon))
    const time = Number.parseFloat(lines.slice(secondColon + 1, secondColon + 20))
    const isOfTrace = this.#hasTraces && isTrace(sequence)
    const trace = isOfTrace ? traceOf(sequence, mark(container, sequence, time)) : undefined
    const text = entry === undefined ? undefined : JSON.parse(entry).log
    if (text !== trace?.join('\n')) {
      this.#noteBroken(entry ?? lines.slice(start - 1, start + 200))
      return
    }
    const before = this.#of(container).take(sequence, nowMs, this.kills)
    if (before !== undefined) this.#countDuplicate(before)
    else if (isOfTrace) this.wholeTraces += 1
    else if (container > 0) this.#latencies.push(nowMs - time)
  }

  #noteBroken(entry: string): void {
    this.brokenRecords += 1
    if (this.broken.length < MOST_BROKEN) this.broken.push(entry.slice(0, 3000))
  }

  /** An agent that still runs owes no account: what its predecessor had sent may be taken a moment after that was killed. */
  #countDuplicate({ takenMs, agent }: { takenMs: number; agent: number }): void {
    this.duplicates += 1
    const ageMs = (this.#killsMs[agent] ?? Number.NEGATIVE_INFINITY) - takenMs
    this.oldestDuplicateMs = Math.max(this.oldestDuplicateMs, ageMs)
    if (ageMs > STORED_WITHIN_MS) this.needless += 1
  }

  #of(container: number): ContainerTally {
    let tally = this.#containers[container]
    if (tally === undefined) {
      tally = new ContainerTally()
      this.#containers[container] = tally
    }
    return tally
  }
}
