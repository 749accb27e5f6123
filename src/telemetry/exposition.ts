import { Counter, Gauge, Registry } from 'prom-client'
import { catalogue } from './catalogue.ts'
import type { CountedSample, Metric, Observation, Sample } from './metric.ts'

// Loaded at the first scrape: prom-client adds 30 ms to the start.

/** Content type of the text that `expose` returns. */
export const contentType = Registry.PROMETHEUS_CONTENT_TYPE

/** The observation in Prometheus' text format. Creates a new registry each time, since it has no state to keep. */
export async function expose(observation: Observation): Promise<string> {
  const registry = new Registry()
  const metrics = catalogue.flatMap(({ metrics }) => metrics)
  const texts = await Promise.all(metrics.map((metric) => textOf(metric, { observation, registry })))
  return `${texts.join('\n\n')}\n`
}

function textOf(
  metric: Metric,
  { observation, registry }: { readonly observation: Observation; readonly registry: Registry },
): string | Promise<string> {
  const { name, help } = metric
  if (metric.type === 'histogram') return histogramText({ name, help }, metric.read(observation))
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
  return registry.getSingleMetricAsString(name)
}

/**
 * Not by prom-client, whose histograms only observe single values; these were counted elsewhere. Name, help, labels and limits come from
 * the catalogue and need no escaping.
 */
function histogramText({ name, help }: Pick<Metric, 'name' | 'help'>, samples: readonly CountedSample[]): string {
  const lines = samples.flatMap((sample) => sampleLines(name, sample))
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines].join('\n')
}

function sampleLines(name: string, { labels, counts: { limits, counts, sum } }: CountedSample): string[] {
  const labelText = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const within = (...more: string[]) =>
    labelText.length + more.length === 0 ? '' : `{${[...labelText, ...more].join(',')}}`
  let count = 0
  const buckets = [...limits, '+Inf'].map((limit, index) => {
    count += counts[index] ?? 0
    return `${name}_bucket${within(`le="${limit}"`)} ${count}`
  })
  return [...buckets, `${name}_sum${within()} ${sum}`, `${name}_count${within()} ${count}`]
}
