import type { ReflectorTarget } from '../kube/reflector-options.ts'
import type { AgentPod } from './agent-pod.ts'
import { AgentStream, type AgentStreamParts } from './agent-stream.ts'
import { LeftOut } from './left-out.ts'

/** One stream per running agent, until the signal aborts; agents may come and go. */
export class AgentStreams implements ReflectorTarget<AgentPod> {
  readonly #parts: AgentStreamParts
  readonly #signal: AbortSignal
  readonly #onFailure: (error: unknown) => void
  readonly #where: string
  readonly #streams = new Map<string, AgentStream>()
  readonly #leftOut: LeftOut
  #isFirst = true

  /** `where` describes where agents are looked for. `onFailure` is called if streaming is impossible and a retry would not help. */
  constructor(
    parts: Omit<AgentStreamParts, 'onSelection'>,
    { signal, where, onFailure }: { signal: AbortSignal; where: string; onFailure: (error: unknown) => void },
  ) {
    this.#leftOut = new LeftOut(parts.notify)
    this.#parts = { ...parts, onSelection: (uid, selection) => this.#leftOut.report(uid, selection) }
    this.#signal = signal
    this.#where = where
    this.#onFailure = onFailure
  }

  replace(agents: readonly AgentPod[]): void {
    const present = new Set(agents.map(({ uid }) => uid))
    if (this.#isFirst) this.#leftOut.expect(agents.filter(isRunning).map(({ uid }) => uid))
    for (const uid of this.#streams.keys()) if (!present.has(uid)) this.#retire(uid)
    for (const agent of agents) this.apply('upsert', agent)
    if (this.#isFirst && this.#streams.size === 0) this.#parts.notify(`no agent runs ${this.#where}; waiting for one`)
    this.#isFirst = false
  }

  apply(change: 'upsert' | 'delete', agent: AgentPod): void {
    if (change === 'upsert' && isRunning(agent)) this.#start(agent)
    else this.#retire(agent.uid)
  }

  #start(agent: AgentPod): void {
    if (this.#streams.has(agent.uid)) return
    const stream = new AgentStream(agent, { isNew: !this.#isFirst }, this.#parts)
    this.#streams.set(agent.uid, stream)
    stream.run(this.#signal).catch(this.#onFailure)
  }

  #retire(uid: string): void {
    this.#leftOut.forget(uid)
    this.#streams.get(uid)?.retire()
    this.#streams.delete(uid)
  }
}

function isRunning({ state }: AgentPod): boolean {
  return state === 'Running'
}
