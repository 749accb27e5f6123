import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentLogLine, AgentUnderTest } from '../../test/support/agent-under-test.ts'
import { usageOf } from '../../test/support/process-usage.ts'
import { type Scrape, TelemetryOf } from '../../test/support/telemetry-of.ts'
import { waitUntil } from '../../test/support/wait-until.ts'

/** Milliseconds for all lines to arrive once the last fault is over. */
const ARRIVE_MS = 180_000
/** Milliseconds, and more, for which the last line may be held: it was read, and another one may belong to it. */
const HELD_MS = 1500

/** Agents of one node, one after the other. */
export class Agents {
  kills = 0
  cpuSeconds = 0
  /** Of agents that were killed: as far as was seen before. */
  retries = 0
  /** What the server answered, as their logs have it. */
  readonly heard = new Set<string>()
  readonly #options: { readonly configPath: string; readonly program: string; readonly port: number }
  #agent: AgentUnderTest | undefined

  constructor(options: { readonly configPath: string; readonly program: string; readonly port: number }) {
    this.#options = options
  }

  async start(): Promise<void> {
    const env = { LOGGY_METRICS_PORT: String(this.#options.port) }
    this.#agent = await AgentUnderTest.start({ ...this.#options, env })
  }

  async kill(): Promise<void> {
    this.kills += 1
    this.retries += (await this.scrape()).value('loggy_sink_retries_total')
    await this.end()
    await this.start()
  }

  get log(): readonly AgentLogLine[] {
    return this.#agent?.log ?? []
  }

  scrape(): Promise<Scrape> {
    return new TelemetryOf(this.#options.port).scrape()
  }

  /** Resolves when all is delivered, with the number of dead letters. */
  async deliver(): Promise<number> {
    const isDone = async () => {
      const scrape = await this.scrape()
      return scrape.value('loggy_lag_bytes') === 0 && scrape.value('loggy_entries_in_flight') === 0
    }
    await waitUntil('all is delivered', isDone, ARRIVE_MS)
    await sleep(HELD_MS)
    await waitUntil('what was held is delivered', isDone, ARRIVE_MS)
    return (await this.scrape()).value('loggy_entries_dead_lettered_total')
  }

  /** SIGKILL */
  async end(): Promise<void> {
    if (this.#agent?.isRunning !== true) return
    this.cpuSeconds += usageOf(this.#agent.pid)?.cpuSeconds ?? 0
    await this.#agent.kill()
    for (const { level, error } of this.#agent.log) if (level !== 'info' && error) this.heard.add(String(error))
  }
}
