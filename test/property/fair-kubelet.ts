import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../support/wait-until.ts'
import type { AgentKeeper } from './agent-keeper.ts'
import type { HttpDestination } from './destination.ts'
import { describeLine, type Generation, isOf, type Ledger, parsedEntry, textOf, type WrittenLine } from './ledger.ts'
import type { ModelledRun } from './modelled-run.ts'

/**
 * Milliseconds in which an agent at work opens a file. It is done within a second, and a real kubelet rotates a log every 3 s at most; the rest
 * is for a machine that gives it little time.
 */
const OPEN_WITHIN_MS = 60_000
/** Milliseconds in which the agent has opened all files of a log, once it has opened the first. Usually a few; at its start, on a machine with more to do, more than 100. */
const OPENED_IN_ONE_GO_MS = 500
/** The same, where too few descriptors may be left: what is open then waits for the destination. */
const MAY_OPEN_WITHIN_MS = 500
/** Milliseconds until what was seen of a log is stored, and a good deal more. */
const STORED_WITHIN_MS = 300
const SEEN_WITHIN_MS = 1000

export interface DescriptorLimit {
  /** The agent may not have all logs open: it closes those at rest. */
  readonly isSet: boolean
  /** Whether there are enough for each file, or will be soon. */
  canOpenAll(): boolean
}

interface FairKubeletParts {
  readonly ledger: Ledger
  readonly keeper: AgentKeeper
  readonly limit: DescriptorLimit
  readonly http: HttpDestination | undefined
}

/** What may be asked of an agent when the kubelet deletes files, and what may not. */
export class FairKubelet {
  readonly #ledger: Ledger
  readonly #keeper: AgentKeeper
  readonly #limit: DescriptorLimit
  readonly #http: HttpDestination | undefined

  constructor({ ledger, keeper, limit, http }: FairKubeletParts) {
    this.#ledger = ledger
    this.#keeper = keeper
    this.#limit = limit
    this.#http = http
  }

  /** What was deleted, and given up later for want of descriptors, which the agent tells. */
  forgiveGivenUp(): void {
    const markers = this.#ledger.lossMarkers.filter(({ text }) => text.includes('held.maxFiles was exceeded'))
    for (const line of markers.length === 0 ? [] : this.#ledger.owed) {
      const isDeleted = line.parts.some(({ generation }) => generation.path === undefined)
      if (isDeleted && markers.some(({ kubernetes }) => isOf(line.origin, kubernetes.containerID))) forgive(line)
    }
  }

  /**
   * A line whose beginning only the log of an old link had, in a file that is deleted, comes in two parts: the newest link's log has the rest,
   * if there is one. Nothing of it may be missing.
   */
  forgiveHandedOver(): void {
    const handedOver = this.#ledger.owed.filter(({ origin }) => origin.links.length > 1)
    if (handedOver.length === 0) return
    const logs = new Set(this.#ledger.strangers.map((entry) => parsedEntry(entry)?.log))
    for (const line of handedOver) {
      const isDeleted = line.parts.some(({ generation }) => generation.path === undefined)
      const areThere = (_: unknown, at: number) =>
        (at === 0 || logs.has(textOf(line.parts.slice(0, at)))) &&
        logs.has(textOf(line.parts.slice(at)).replace(/^\n/, '')) // between the lines of a trace
      if (!isDeleted || !line.parts.some(areThere)) continue
      line.isCut = true
      forgive(line)
    }
  }

  /** Whether the agent has met the active file of each log, and could store that, within a second. */
  async haveBeenSeen(runs: readonly ModelledRun[]): Promise<boolean> {
    const isSeen = ({ active }: ModelledRun) =>
      this.#keeper.holds(active) || [...active.lines].some(({ arrivals }) => arrivals.length > 0)
    const areSeen = () => this.#keeper.isAwake && runs.every(isSeen)
    const isInTime = await waitUntil('', areSeen, SEEN_WITHIN_MS).then(
      () => true,
      () => false,
    )
    if (isInTime) await sleep(STORED_WITHIN_MS)
    return isInTime
  }

  /** Files that are deleted are readable only as long as a process has them open. */
  forgiveDeleted(): void {
    for (const line of this.#ledger.lines) {
      if (!line.parts.some(({ generation }) => generation.path === undefined)) continue
      line.isCut = true
      forgive(line)
    }
  }

  /**
   * The kubelet deletes what an agent at work has opened or delivered, and it gives it the time for that. What it deletes while
   * the agent is down or paused is nobody's to read: that is forgiven, unless the paused agent has it open.
   */
  async permitDeletion(generations: readonly Generation[]): Promise<void> {
    const unsafe = () => {
      this.#http?.readDeadLetters()
      this.forgiveHandedOver()
      return generations.filter((generation) => !this.#isSafe(generation))
    }
    // With few descriptors that later file may be closed too: nobody can tell then whether it was read.
    const waitsFor = (generation: Generation) =>
      !this.#limit.isSet || generation.owed.some((line) => !goesOn(line, generation))
    if (this.#keeper.isAwake) {
      await waitUntil(
        'the agent opens what is on the disk',
        async () => {
          const { length } = unsafe().filter(waitsFor)
          if (length > 0) this.#keeper.sip()
          return length === 0
        },
        this.#limit.canOpenAll() ? OPEN_WITHIN_MS : MAY_OPEN_WITHIN_MS,
      ).catch((error: Error) => {
        if (!this.#limit.canOpenAll()) return
        throw new Error(
          `${error.message}: ${unsafe()
            .flatMap(({ path, owed }) => [path, ...owed.slice(0, 3).map(describeLine)])
            .join('\n')}`,
        )
      })
    }
    // The files of one log are opened in one go, the newest first.
    if (generations.some((generation) => generation.owed.some((line) => goesOn(line, generation)))) {
      await sleep(OPENED_IN_ONE_GO_MS)
      await this.#keeper.letWork()
    }
    for (const { owed } of unsafe()) owed.forEach(forgive)
  }

  /**
   * Nothing is owed of it, or the agent has it open, or is through with it and waits for the acks. A file that is read to its end is closed though the agent keeps a line in
   * mind that has no end there: then it has a later file of that log open.
   */
  #isSafe(generation: Generation): boolean {
    const owed = generation.owed.filter((line) => !this.#ledger.isInFlight(line))
    if (owed.length === 0 || this.#keeper.holds(generation)) return true
    return (
      owed.every((line) => goesOn(line, generation)) &&
      generation.successors().some((later) => this.#keeper.holds(later))
    )
  }
}

/** Whether the line has no end in that file: a later one has it, or none. */
function goesOn({ isWhole, parts }: WrittenLine, generation: Generation): boolean {
  return !isWhole || parts.at(-1)?.generation !== generation
}

function forgive(line: WrittenLine): void {
  if (line.arrivals.length === 0) line.isForgiven = true
}
