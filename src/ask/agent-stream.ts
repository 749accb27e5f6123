import { ApiError } from '../kube/api-error.ts'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import { advise } from './advice.ts'
import { AgentError } from './agent-error.ts'
import type { AgentPod } from './agent-pod.ts'
import type { Agents } from './agents.ts'
import { Silence } from './silence.ts'
import { tailEvents } from './tail-events.ts'

/** Milliseconds of silence after which a stream is taken for dead: three heartbeats of the agent. */
const silenceMs = 45_000
/** Milliseconds that a stream must have lasted to show that the agent is well: the next wait is short again. */
const healthyMs = 10_000

export interface AgentStreamParts {
  readonly agents: Agents
  /** Of `/api/tail`. */
  readonly query: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly random: () => number
  /** Takes the bytes of an entry, without a newline. Resolves when the next one may come. */
  readonly onEntry: (line: Buffer) => Promise<void>
  /** Tells a person what is missing, in a few words. */
  readonly notify: (message: string) => void
}

/** Follows what one agent sends; a stream that breaks off is opened again until the agent is retired. */
export class AgentStream {
  readonly #agent: AgentPod
  readonly #parts: AgentStreamParts
  readonly #backoff: Backoff
  readonly #retired = new AbortController()
  readonly #trouble: Trouble

  /** `isNew`: the agent came while others were being followed already, so that its own beginning is worth telling. */
  constructor(agent: AgentPod, { isNew }: { readonly isNew: boolean }, parts: AgentStreamParts) {
    this.#agent = agent
    this.#parts = parts
    this.#backoff = new Backoff({ initialMs: 500, maximumMs: 15_000, random: parts.random })
    this.#trouble = new Trouble(parts.clock)
    if (isNew) this.#trouble.note('not followed yet')
  }

  /** The agent is about to end: what it still sends is taken, and no more asked for. */
  retire(): void {
    this.#retired.abort()
  }

  /** Resolves when the signal has aborted or the retired agent's stream has ended. Rejects with what trying again would not change. */
  async run(signal: AbortSignal): Promise<void> {
    const waiting = AbortSignal.any([signal, this.#retired.signal])
    while (!waiting.aborted) {
      const reason = await this.#follow(signal)
      if (signal.aborted) return
      if (this.#retired.signal.aborted) this.#tell('its agent has ended')
      else this.#report(reason)
      await this.#parts.clock.sleep(this.#backoff.next(), waiting)
    }
  }

  /** Follows one stream to its end; resolves with why it ended. */
  async #follow(signal: AbortSignal): Promise<string> {
    const { agents, query, clock } = this.#parts
    const silence = new Silence(clock, { limitMs: silenceMs, signal })
    let begunAt = Number.POSITIVE_INFINITY
    try {
      const body = await agents.ask(this.#agent, { path: '/api/tail', query, signal: silence.signal })
      begunAt = clock.monotonic()
      this.#recover()
      await this.#takeAll(silence.listen(body))
      return 'the stream ended'
    } catch (error) {
      if (isPermanent(error)) throw error
      if (silence.isTooLong) return `nothing was heard for ${silenceMs / 1000} s`
      return systemCode(error) === 'ECONNRESET' ? 'the stream broke off' : advise(error).join(' ')
    } finally {
      if (clock.monotonic() - begunAt >= healthyMs) this.#backoff.reset()
      silence.clear()
    }
  }

  async #takeAll(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const event of tailEvents(body)) {
      if (event.kind === 'entry') await this.#parts.onEntry(event.line)
      else this.#tell(`${event.entryCount} entries were left out: more than this connection or the agent can pass on`)
    }
  }

  #recover(): void {
    if (this.#trouble.end() > 0) this.#tell('followed from now on')
  }

  #report(reason: string): void {
    if (this.#trouble.note(reason)) this.#tell(`not followed, trying again: ${reason}`)
  }

  #tell(what: string): void {
    this.#parts.notify(`node ${this.#agent.node} (${this.#agent.name}): ${what}`)
  }
}

/** Rights that are missing, and a question that no agent would answer. */
function isPermanent(error: unknown): boolean {
  if (error instanceof AgentError) return error.isFaultyQuestion
  return error instanceof ApiError && error.status.code === 403
}
