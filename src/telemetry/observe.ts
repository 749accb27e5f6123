import type { Clock } from '../lib/clock.ts'
import type { Rotation } from '../lib/loss-horizon.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import { containerLags } from './container-lag.ts'
import type { Observed } from './figures.ts'
import { readinessReasons } from './health.ts'
import type { About, Observation } from './metric.ts'
import { processFigures } from './process-figures.ts'
import { WriteRates } from './write-rates.ts'

export interface ObserverOptions {
  readonly about: About
  readonly rotation: Rotation
}

/** Collects what a scrape shows from the agent. Remembers only how much each container had written, to compute rates. */
export class Observer {
  readonly #agent: Observed
  readonly #options: ObserverOptions
  readonly #clock: Clock
  readonly #rates = new WriteRates()

  constructor(agent: Observed, options: ObserverOptions & { readonly clock: Clock }) {
    this.#agent = agent
    this.#options = options
    this.#clock = options.clock
  }

  async observe(): Promise<Observation> {
    const { about, rotation } = this.#options
    const statuses = await this.#agent.containers()
    const figures = this.#agent.figures()
    const nowMs = this.#clock.monotonic()
    const lags = containerLags(statuses, { rotation, rates: this.#rates, nowMs })
    return {
      ...figures,
      files: countFiles(statuses),
      containers: { byState: countStates(statuses), pathOnly: statuses.filter(isPathOnly).length, lags },
      process: processFigures(),
      about,
      isReady: readinessReasons(figures, nowMs).length === 0,
    }
  }
}

function countFiles(statuses: readonly ContainerStatus[]): Observation['files'] {
  const files = { open: 0, held: 0, heldBytes: 0 }
  for (const { openFiles, heldFiles, heldBytes } of statuses) {
    files.open += openFiles
    files.held += heldFiles
    files.heldBytes += heldBytes
  }
  return files
}

function countStates(statuses: readonly ContainerStatus[]): Observation['containers']['byState'] {
  const counts = { read: 0, exclude: 0, wait: 0 }
  for (const { state } of statuses) counts[state] += 1
  return counts
}

function isPathOnly({ state, metadata }: ContainerStatus): boolean {
  return state === 'read' && metadata === 'path-only'
}
