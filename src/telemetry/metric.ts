import type { HistogramCounts } from '../lib/histogram.ts'
import type { ContainerLag } from './container-lag.ts'
import type { DeliveryFigures, Figures } from './figures.ts'
import type { ProcessFigures } from './process-figures.ts'

/** Everything that one scrape shows, taken at one moment. */
export interface Observation extends Figures {
  /** Log files that are open. `held`: rotated or deleted by the kubelet, and not read to the end. */
  readonly files: { readonly open: number; readonly held: number; readonly heldBytes: number }
  readonly containers: {
    readonly byState: Readonly<Record<'read' | 'exclude' | 'wait', number>>
    readonly pathOnly: number
    readonly lags: readonly ContainerLag[]
  }
  readonly process: ProcessFigures
  readonly about: About
  /** See `lifeReasons` and `readinessReasons`. */
  readonly isReady: boolean
}

/** What never changes while the process lives. */
export interface About {
  readonly version: string
  readonly nodeVersion: string
  readonly sink: string
  readonly heldLimits: { readonly maxBytes: number; readonly maxFiles: number }
}

/** One value, with the labels that distinguish it from the other values of its metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One histogram's counts, with the labels that distinguish it from the others of its metric. */
export interface CountedSample {
  readonly labels: Readonly<Record<string, string>>
  readonly counts: HistogramCounts
}

interface Described {
  /** Follows Prometheus' conventions: it contains the unit, and a counter's name ends with `_total`. */
  readonly name: string
  /** One sentence. */
  readonly help: string
}

/** One row of the catalogue, and how its values are computed. */
export type Metric = Described &
  (
    | {
        readonly type: 'counter' | 'gauge'
        readonly labels?: readonly string[]
        read(observation: Observation): number | readonly Sample[]
      }
    | {
        readonly type: 'histogram'
        readonly labels: readonly string[]
        read(observation: Observation): readonly CountedSample[]
      }
  )

/** A counter without labels. */
export function counter(name: string, help: string, read: (observation: Observation) => number): Metric {
  return { name, type: 'counter', help, read }
}

/** A gauge without labels. */
export function gauge(name: string, help: string, read: (observation: Observation) => number): Metric {
  return { name, type: 'gauge', help, read }
}

/** A counter with one value per sink and reason. A reason that there was not has none. */
export function ofReasons(
  name: string,
  about: { readonly help: string; read(delivery: DeliveryFigures): ReadonlyMap<string, number> },
): Metric {
  const read = ({ deliveries }: Observation) =>
    deliveries.flatMap((delivery) =>
      Array.from(about.read(delivery), ([reason, value]) => ({ labels: { sink: delivery.name, reason }, value })),
    )
  return { name, type: 'counter', help: about.help, labels: ['sink', 'reason'], read }
}

/** A metric with one value per sink, labelled by the sink's name. */
export function ofSinks(
  type: 'counter' | 'gauge',
  name: string,
  about: { readonly help: string; read(delivery: DeliveryFigures): number },
): Metric {
  const read = ({ deliveries }: Observation) =>
    deliveries.map((delivery) => ({ labels: { sink: delivery.name }, value: about.read(delivery) }))
  return { name, type, help: about.help, labels: ['sink'], read }
}
