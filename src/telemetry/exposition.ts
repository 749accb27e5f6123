import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { catalogue } from './catalogue.ts'
import type { CountedSample, Metric, Observation, Sample } from './metric.ts'

// Loaded at the first scrape: prom-client would cost the start 30 ms.

/** Of what `expose` returns. */
export const contentType = Registry.PROMETHEUS_CONTENT_TYPE

/** The observation in Prometheus' text format. The registry is made anew each time: metrics are pulled, so it has nothing to remember. */
export function expose(observation: Observation): Promise<string> {
  const registry = new Registry()
  for (const { metrics } of catalogue) for (const metric of metrics) register(metric, observation, registry)
  return registry.metrics()
}

function register(metric: Metric, observation: Observation, registry: Registry): void {
  const { name, help } = metric
  if (metric.type === 'histogram') {
    registry.registerMetric(new CountedHistogram(name, help, metric.read(observation)))
    return
  }
  const read = metric.read(observation)
  const samples: readonly Sample[] = typeof read === 'number' ? [{ labels: {}, value: read }] : read
  const options = { name, help, labelNames: metric.labels ?? [], registers: [registry] }
  if (metric.type === 'counter') {
    const counter = new Counter(options)
    for (const { labels, value } of samples) counter.inc(labels, value)
  } else {
    const gauge = new Gauge(options)
    for (const { labels, value } of samples) gauge.set(labels, value)
  }
}

/** prom-client's own wants to be told each value; these were counted elsewhere. */
class CountedHistogram extends Histogram {
  readonly #about: { readonly name: string; readonly help: string }
  readonly #counted: readonly CountedSample[]

  constructor(name: string, help: string, counted: readonly CountedSample[]) {
    super({ name, help, registers: [] })
    this.#about = { name, help }
    this.#counted = counted
  }

  /** Not among prom-client's types, but what its registry asks for. */
  async getForPromString() {
    const { name, help } = this.#about
    const values = this.#counted.flatMap((sample) => valuesOf(name, sample))
    return { name, help, type: 'histogram', values }
  }
}

function valuesOf(name: string, { labels, counts: { limits, counts, sum } }: CountedSample) {
  let count = 0
  const buckets = [...limits, '+Inf'].map((le, index) => {
    count += counts[index] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
