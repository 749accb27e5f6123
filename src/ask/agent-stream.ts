import { ApiError } from '../kube/api-error.ts'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import { TAIL_PREFERENCE, type TailSelection } from '../model/tail-selection.ts'
import { advise } from './advice.ts'
import { AgentError } from './agent-error.ts'
import type { AgentPod } from './agent-pod.ts'
import type { Agents } from './agents.ts'
import { IdleTimeout } from './idle-timeout.ts'
import { tailEvents } from './tail-events.ts'

/** Milliseconds without data until a stream is considered dead: three heartbeats of the agent. */
const idleMs = 45_000
/** Milliseconds that a stream must last to show that the agent works: the next wait is short again. */
const healthyMs = 10_000

export interface AgentStreamParts {
  readonly agents: Agents
  /** Query of `/api/tail`. */
  readonly query: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly random: () => number
  /** Called with the bytes of an entry, without a newline. Resolves when the next one may follow. */
  readonly onEntry: (line: Buffer) => Promise<void>
  /** Called with what the agent with that uid does with the containers that are asked for, each time a stream begins. */
  readonly onSelection: (uid: string, selection: TailSelection) => void
  /** Shows a short message about missing entries. */
  readonly notify: (message: string) => void
}

/** Reads the entries of one agent; reopens a broken stream until the agent is retired. */
export class AgentStream {
  readonly #agent: AgentPod
  readonly #parts: AgentStreamParts
  readonly #backoff: Backoff
  readonly #retired = new AbortController()
  readonly #trouble: Trouble

  /** `isNew`: the agent appeared later than the others; then the start of its stream is reported, too. */
  constructor(agent: AgentPod, { isNew }: { readonly isNew: boolean }, parts: AgentStreamParts) {
    this.#agent = agent
    this.#parts = parts
    this.#backoff = new Backoff({ initialMs: 500, maximumMs: 15_000, random: parts.random })
    this.#trouble = new Trouble(parts.clock)
    if (isNew) this.#trouble.note('not connected yet')
  }

  /** The agent is terminating: reads the rest of its stream and does not open a new one. */
  retire(): void {
    this.#retired.abort()
  }

  /** Resolves when the signal has aborted or the retired agent's stream has ended. Rejects with errors that a retry cannot fix. */
  async run(signal: AbortSignal): Promise<void> {
    const waiting = AbortSignal.any([signal, this.#retired.signal])
    while (!waiting.aborted) {
      const reason = await this.#follow(signal)
      if (signal.aborted) return
      if (this.#retired.signal.aborted) this.#notify('the agent has ended')
      else this.#report(reason)
      await this.#parts.clock.sleep(this.#backoff.next(), waiting)
    }
  }

  /** Reads one stream to its end; resolves with the reason why it ended. */
  async #follow(signal: AbortSignal): Promise<string> {
    const { agents, query, clock } = this.#parts
    const timeout = new IdleTimeout(clock, { limitMs: idleMs, signal })
    let begunAt = Number.POSITIVE_INFINITY
    try {
      const headers = { prefer: TAIL_PREFERENCE }
      const body = await agents.ask(this.#agent, { path: '/api/tail', query, headers, signal: timeout.signal })
      begunAt = clock.monotonic()
      this.#recover()
      await this.#takeAll(timeout.restartOn(body))
      return 'the stream ended'
    } catch (error) {
      if (isPermanent(error)) throw error
      if (timeout.hasExpired) return `no data for ${idleMs / 1000} s`
      return systemCode(error) === 'ECONNRESET' ? 'the stream broke' : advise(error).join(' ')
    } finally {
      if (clock.monotonic() - begunAt >= healthyMs) this.#backoff.reset()
      timeout.clear()
    }
  }

  async #takeAll(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const event of tailEvents(body)) {
      if (event.kind === 'entry') await this.#parts.onEntry(event.line)
      else if (event.kind === 'selection') this.#parts.onSelection(this.#agent.uid, event.selection)
      else this.#notify(`${event.entryCount} entries were dropped, because the agent or this connection is too slow`)
    }
  }

  #recover(): void {
    if (this.#trouble.end() > 0) this.#notify('connected')
  }

  #report(reason: string): void {
    if (this.#trouble.note(reason)) this.#notify(`not connected, retrying: ${reason}`)
  }

  #notify(what: string): void {
    this.#parts.notify(`node ${this.#agent.node} (${this.#agent.name}): ${what}`)
  }
}

/** Missing permissions, and requests that every agent would refuse. */
function isPermanent(error: unknown): boolean {
  if (error instanceof AgentError) return error.isInvalidRequest
  return error instanceof ApiError && error.status.code === 403
}
