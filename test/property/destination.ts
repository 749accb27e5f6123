import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { Random } from '../../src/simulation/random.ts'
import { Collector, type StatusReaction } from '../support/collector.ts'
import type { Scenario, Weather } from './action.ts'
import { type Ledger, parsedEntry } from './ledger.ts'

/** Share of requests that a failing destination refuses. */
const FAIL_RATE = 0.5
/** Bytes that get over a slow link in time. */
const SLOW_BYTES = 20_000
/** What a destination says whose set-up is at fault. */
const WRONG = [400, 401, 403, 404, 415, 422] as const

/** Where the entries go; `stdout` is the agent's own pipe, whose reading the world stops. */
export class HttpDestination {
  readonly #collector: Collector
  readonly #ledger: Ledger
  readonly #hasPoison: boolean
  readonly #deadLetterPath: string
  readonly #random: Random
  #seed: number
  #weather: (lines: string) => StatusReaction | 'hang' | undefined = () => undefined
  #lettersRead = 0
  /** One entry was refused alone, and none has been taken since: the agent tries others before it looks into a refused request. */
  #isDoubted = false

  private constructor(scenario: Scenario, parts: { collector: Collector; ledger: Ledger; deadLetterPath: string }) {
    this.#collector = parts.collector
    this.#ledger = parts.ledger
    this.#deadLetterPath = parts.deadLetterPath
    this.#hasPoison = scenario.hasPoison
    this.#seed = scenario.seed
    this.#random = new Random(scenario.seed)
    this.#collector.refuseIf((lines) => this.#meet(lines))
  }

  #take(entry: string): void {
    this.#isDoubted = false
    this.#ledger.arrived(entry, { atMs: performance.now(), process: undefined, burst: undefined })
  }

  static async start(scenario: Scenario, ledger: Ledger, deadLetterPath: string): Promise<HttpDestination> {
    const each = (take: (entry: string) => void) => (lines: string) => lines.slice(0, -1).split('\n').forEach(take)
    const collector = new Collector({
      onEntries: each((entry) => destination.#take(entry)),
      onUnanswered: each((entry) => ledger.offered(entry)),
    })
    const destination = new HttpDestination(scenario, { collector, ledger, deadLetterPath })
    await collector.start()
    return destination
  }

  config({ maxInFlight }: Pick<Scenario, 'maxInFlight'>): object {
    const deadLetter = { path: this.#deadLetterPath }
    return { type: 'http', url: this.#collector.url, maxInFlight, timeout: '1s', deadLetter }
  }

  /**
   * `stalled`: no answer; `failing`: errors now and then; `lying`: takes the entries, and the answer is cut off; `wrong`: refuses all; `slow`: large
   * requests are not through in time; `odd`: takes the entries, and answers against the rules.
   */
  goes(how: Weather): void {
    this.#seed += 1
    const seed = this.#seed
    const status = WRONG[this.#random.below(WRONG.length)] ?? 404
    this.#weather = () => undefined
    if (how === 'stalled') this.#collector.failRate(1, { seed, reaction: 'hang' })
    else if (how === 'failing') this.#collector.failRate(FAIL_RATE, { seed, reaction: { status: 503 } })
    else this.#collector.failRate(how === 'odd' ? 1 : 0, { seed, reaction: 'break-rules' })
    if (how === 'lying') this.#collector.failNext('cut-answer', 'cut-request')
    if (how === 'wrong') this.#weather = () => ({ status, body: 'not so' })
    if (how === 'slow') this.#weather = (lines) => (lines.length > SLOW_BYTES ? 'hang' : undefined)
  }

  /** What has become a dead letter since the last call counts as arrived. Exactly what is never taken may be there. */
  readDeadLetters(): void {
    for (const line of this.#newLetters()) {
      const entry = parsedEntry(line)
      if (!this.#hasPoison || !isPoison(entry?.log)) this.#ledger.strangers.push(`a dead letter: ${line}`)
      this.#ledger.arrived(line, { atMs: performance.now(), process: undefined, burst: undefined, isRefused: true })
    }
  }

  /** Whether all of these lines are such that others must be taken before they are dead letters. */
  waitsForOthers(lines: readonly { readonly text: string }[]): boolean {
    return this.#hasPoison && lines.length > 0 && lines.every(({ text }) => isPoison(text))
  }

  async close(): Promise<void> {
    await this.#collector.stop()
  }

  #meet(lines: string): StatusReaction | 'hang' | undefined {
    const entries = lines.trimEnd().split('\n')
    const isPoisoned = this.#hasPoison && entries.some((entry) => isPoison(parsedEntry(entry)?.log))
    const refusal = isPoisoned ? { status: 422, body: 'one of them is not to be had' } : undefined
    const answer = this.#weather(lines) ?? refusal
    // What is refused the agent keeps in memory, and sends again.
    if (!(answer instanceof Object)) return answer
    for (const entry of entries) this.#ledger.offered(entry)
    if (entries.length === 1) this.#isDoubted = true
    else if (this.#isDoubted) for (const entry of entries) this.#ledger.mayBePassed(entry)
    return answer
  }

  #newLetters(): string[] {
    if (!existsSync(this.#deadLetterPath)) return []
    const descriptor = openSync(this.#deadLetterPath, 'r')
    try {
      const bytes = Buffer.alloc(fstatSync(descriptor).size - this.#lettersRead)
      readSync(descriptor, bytes, 0, bytes.length, this.#lettersRead)
      const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
      this.#lettersRead += whole.length
      return whole.toString().split('\n').slice(0, -1)
    } finally {
      closeSync(descriptor)
    }
  }
}

/** By the number that a line begins with. */
function isPoison(text: unknown): boolean {
  const [, sequence] = /^\S+ \S+ (\d+) /.exec(String(text)) ?? []
  return sequence !== undefined && Number(sequence) % 40 === 7
}
