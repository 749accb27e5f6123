import { Collector } from '../support/collector.ts'
import type { Scenario } from './action.ts'
import type { Ledger } from './ledger.ts'

/** Share of requests that a failing destination refuses. */
const FAIL_RATE = 0.5

/** Where the entries go; `stdout` is the agent's own pipe, whose reading the world stops. */
export class HttpDestination {
  readonly #collector: Collector
  #seed: number

  private constructor(collector: Collector, seed: number) {
    this.#collector = collector
    this.#seed = seed
  }

  static async start(seed: number, ledger: Ledger): Promise<HttpDestination> {
    const each = (take: (entry: string) => void) => (lines: string) => lines.slice(0, -1).split('\n').forEach(take)
    const collector = new Collector({
      onEntries: each((entry) => ledger.arrived(entry, { atMs: performance.now(), process: undefined })),
      onUnanswered: each((entry) => ledger.offered(entry)),
    })
    await collector.start()
    return new HttpDestination(collector, seed)
  }

  config({ maxInFlight }: Pick<Scenario, 'maxInFlight'>): object {
    return { type: 'http', url: this.#collector.url, maxInFlight, timeout: '1s' }
  }

  /** `stalled`: no answer; `failing`: errors now and then; `lying`: takes the entries, and the answer is cut off. */
  goes(how: 'stalled' | 'failing' | 'lying' | 'well'): void {
    this.#seed += 1
    const seed = this.#seed
    if (how === 'stalled') this.#collector.failRate(1, { seed, reaction: 'hang' })
    else if (how === 'failing') this.#collector.failRate(FAIL_RATE, { seed, reaction: { status: 503 } })
    else this.#collector.failRate(0, { seed, reaction: 'hang' })
    if (how === 'lying') this.#collector.failNext('cut-answer', 'cut-request')
  }

  async close(): Promise<void> {
    await this.#collector.stop()
  }
}
