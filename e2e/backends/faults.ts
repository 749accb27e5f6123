import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Agents } from './agents.ts'
import type { Backend, Environment, Trouble } from './backend.ts'
import type { Kit } from './kit.ts'
import { LINK_FAULTS, type Link, type LinkFault } from './link.ts'

export interface FaultParts {
  readonly env: Environment
  readonly kit: Kit
  readonly agents: Agents
  readonly link: Link
}

/** In this order, with those of the link and the backend's own in between. */
const KILLS = ['server', 'agent', 'both', 'agent', 'server'] as const
/** Milliseconds that a killed server is away, and that the link has a fault. */
const DOWN_MS = 1500

/** How often each thing went wrong. */
export interface FaultCounts {
  readonly serverKills: number
  readonly agentKills: number
  readonly link: Readonly<Record<LinkFault, number>>
  /** By the backend's own troubles. */
  readonly refusals: number
}

/** All that goes wrong while containers write, one after the other. */
export class Faults {
  /** Resolves when those that have begun are over. */
  over: Promise<unknown> = Promise.resolve()
  readonly count: number
  readonly #backend: Backend
  readonly #parts: FaultParts
  readonly #left: (() => Promise<unknown>)[]
  readonly #link = new Map<LinkFault, number>()
  #serverKills = 0
  #refusals = 0

  constructor(backend: Backend, parts: FaultParts) {
    this.#backend = backend
    this.#parts = parts
    const { troubles = [] } = backend
    const links = Object.keys(LINK_FAULTS) as LinkFault[]
    this.#left = Array.from({ length: Math.max(KILLS.length, links.length, troubles.length) }).flatMap((_, index) => {
      const [kill, fault, trouble] = [KILLS[index], links[index], troubles[index]]
      return [
        ...(kill ? [() => this.#kill(kill)] : []),
        ...(fault ? [() => this.#hurt(fault)] : []),
        ...(trouble ? [() => this.#refuse(trouble)] : []),
      ]
    })
    this.count = this.#left.length
  }

  get counts(): FaultCounts {
    const link = Object.fromEntries(
      Object.keys(LINK_FAULTS).map((name) => [name, this.#link.get(name as LinkFault) ?? 0]),
    )
    return {
      serverKills: this.#serverKills,
      agentKills: this.#parts.agents.kills,
      link: link as FaultCounts['link'],
      refusals: this.#refusals,
    }
  }

  /** Begins when the one before is over. */
  next(): void {
    this.over = this.over.then(this.#left.shift())
    this.over.catch(() => {}) // awaited later
  }

  #kill(kill: (typeof KILLS)[number]): Promise<unknown> {
    return Promise.all([
      kill === 'agent' ? undefined : this.#killServer(),
      kill === 'server' ? undefined : this.#parts.agents.kill(),
    ])
  }

  async #killServer(): Promise<void> {
    this.#serverKills += 1
    const { server, flags, forgetsAtKill } = this.#backend
    const { kit } = this.#parts
    await (forgetsAtKill ? kit.down(server) : kit.kill(server))
    await sleep(DOWN_MS)
    await kit.up(server, flags)
  }

  /** Until requests have met it: one that nothing met shows nothing. */
  async #hurt(fault: LinkFault): Promise<void> {
    const { link } = this.#parts
    await this.#untilMet(LINK_FAULTS[fault].isHit, async (during) => {
      await link.begin(fault)
      await during()
      await link.end(fault)
    })
    this.#link.set(fault, (this.#link.get(fault) ?? 0) + 1)
  }

  async #refuse(trouble: Trouble): Promise<void> {
    await this.#untilMet(true, (during) => trouble({ ...this.#parts, during }))
    this.#refusals += 1
  }

  async #untilMet(fails: boolean, doIt: (during: () => Promise<void>) => Promise<void>): Promise<void> {
    const retries = async () => (await this.#parts.agents.scrape()).value('loggy_sink_retries_total')
    const before = await retries()
    await doIt(async () => {
      await sleep(DOWN_MS)
      if (fails) await waitUntil('requests fail', async () => (await retries()) > before)
    })
  }
}
