import { AgentUnderTest, type AgentUnderTestOptions } from '../support/agent-under-test.ts'
import { cpuWaitMsOfThreads } from '../support/process-usage.ts'
import type { Burst, Generation, Ledger } from './ledger.ts'

/** How often the agent waits for the system while it looks at one log's files, and more. */
const TURNS_OF_A_LOOK = 10

/** Milliseconds without an entry after which a write has ended: one of much, into a pipe, stands still in between on a loaded machine. */
const SILENCE_MS = 500
/** The moment of what has not ended. */
const NEVER_MS = Number.POSITIVE_INFINITY

/** One process of the agent, from start to end. */
export interface Life {
  readonly agent: AgentUnderTest
  readonly startedMs: number
  /** `killed`: by SIGKILL, at any place. */
  end: 'killed' | 'stopped' | undefined
  /** When it last ran, on its own clock: before it was killed, or before the pause in which it was killed. */
  ranUntilMs: number | undefined
  exitCode: number | null | undefined
}

type HowToStart = Pick<AgentUnderTestOptions, 'configPath' | 'descriptorLimit'>

/** Starts and ends the agent of one node, again and again, and lets nothing arrive unseen. */
export class AgentKeeper {
  readonly lives: Life[] = []
  readonly #how: HowToStart
  readonly #ledger: Ledger
  /** Since when it is paused, on its own clock. */
  #pausedMs: number | undefined
  /** In which the process that runs now was paused before. */
  #pausesMs = 0
  #isStalled = false
  /** What came last from the process that runs now. */
  #burst: Burst | undefined

  constructor(how: HowToStart, ledger: Ledger) {
    this.#how = how
    this.#ledger = ledger
  }

  /** The process that runs now. */
  get agent(): AgentUnderTest | undefined {
    const agent = this.lives.at(-1)?.agent
    return agent?.isRunning ? agent : undefined
  }

  async start(): Promise<void> {
    if (this.agent !== undefined) return
    const process = this.lives.length
    const startedMs = performance.now()
    this.#burst = undefined
    this.#pausesMs = 0
    const agent: AgentUnderTest = AgentUnderTest.spawn({
      ...this.#how,
      onEntry: (entry) => {
        const atMs = performance.now()
        const burst = this.#burstAt(atMs) ?? { atMs, ranMs: 0 }
        this.#burst = Object.assign(burst, { atMs, ranMs: this.#isStalled ? NEVER_MS : this.#ownClockMs(agent) })
        this.#ledger.arrived(entry, { atMs, burst, process })
      },
    })
    await agent.started()
    if (this.#isStalled) agent.stopReading()
    this.lives.push({ agent, startedMs, end: undefined, ranUntilMs: undefined, exitCode: undefined })
  }

  /** SIGTERM. What is stalled is read on, or the agent could not end. */
  async stop(): Promise<void> {
    const life = this.#end('stopped')
    life?.agent.readOn()
    if (life !== undefined) life.exitCode = await life.agent.stop()
    this.#ledger.noneInFlight() // only now: until its end it offers what it has
  }

  async kill(): Promise<void> {
    const life = this.#end('killed')
    await life?.agent.kill()
    this.#ledger.noneInFlight()
  }

  pause(): void {
    if (this.agent !== undefined) this.#pausedMs ??= this.#ownClockMs(this.agent)
    this.agent?.pause()
  }

  resume(): void {
    if (this.agent !== undefined && this.#pausedMs !== undefined)
      this.#pausesMs += this.#ownClockMs(this.agent) - this.#pausedMs
    this.#pausedMs = undefined
    this.agent?.resume()
  }

  get isAwake(): boolean {
    return this.agent !== undefined && !this.agent.isPaused
  }

  /** Leaves standard output unread, now and after the next start. */
  stall(): void {
    this.#isStalled = true
    const burst = this.#burstAt(performance.now())
    if (burst !== undefined) burst.ranMs = NEVER_MS // what comes with it waits in the pipe
    this.agent?.stopReading()
  }

  flow(): void {
    this.#isStalled = false
    this.agent?.readOn()
  }

  /** Reads a little of what waits in the pipe: entries may be there that the agent is through with. */
  sip(): void {
    if (this.#isStalled) this.agent?.sip()
  }

  /** Lets an agent that is awake go through with what it has begun: on a loaded machine it may stand still in the middle of a look. */
  async letWork(): Promise<void> {
    for (let turn = 0; turn < TURNS_OF_A_LOOK && this.isAwake; turn += 1) await this.agent?.report()
  }

  /** Whether the agent has that file open, under whatever name. */
  holds(generation: Generation): boolean {
    return this.agent !== undefined && generation.isAmong(this.agent.openFiles())
  }

  /** The burst that goes on. */
  #burstAt(nowMs: number): Burst | undefined {
    const burst = this.#burst
    const goesOn = burst?.ranMs === NEVER_MS || nowMs - (burst?.atMs ?? 0) < SILENCE_MS
    return goesOn ? burst : undefined
  }

  #end(end: 'killed' | 'stopped'): Life | undefined {
    const life = this.lives.at(-1)
    if (this.agent === undefined || life === undefined) return undefined
    life.end = end
    life.ranUntilMs = this.#pausedMs ?? this.#ownClockMs(life.agent)
    this.#pausedMs = undefined
    return life
  }

  /**
   * Milliseconds, without earlier pauses, and without the time in which threads of the agent wanted to run and others had the processors: so a loaded
   * machine does not make it late.
   */
  #ownClockMs(agent: AgentUnderTest): number {
    return performance.now() - cpuWaitMsOfThreads(agent.pid) - this.#pausesMs
  }
}
