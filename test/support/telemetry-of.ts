import { type ExposedMetric, parsePrometheusText } from './prometheus-text.ts'
import { waitUntil } from './wait-until.ts'

/** What an agent serves on its port of metrics and health. */
export class TelemetryOf {
  readonly #url: string

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}`
  }

  /** Undefined while nobody listens. */
  async ask(path: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string } | undefined> {
    try {
      const response = await fetch(this.#url + path, { method })
      return { status: response.status, text: await response.text() }
    } catch {
      return undefined
    }
  }

  /** As soon as it listens, which may be a moment after the agent says that it has started. */
  async scrape(): Promise<Scrape> {
    await waitUntil('metrics are served', async () => (await this.ask('/healthz')) !== undefined)
    const response = await fetch(`${this.#url}/metrics`)
    if (response.status !== 200) throw new Error(await response.text())
    const type = response.headers.get('content-type')
    if (type !== 'text/plain; version=0.0.4; charset=utf-8') throw new Error(`content-type ${type}`)
    return new Scrape(parsePrometheusText(await response.text()))
  }
}

/** One scrape, in which a test looks up what it needs. */
export class Scrape {
  readonly metrics: ReadonlyMap<string, ExposedMetric>

  constructor(metrics: ReadonlyMap<string, ExposedMetric>) {
    this.metrics = metrics
  }

  /** The one sample that has these labels and perhaps others. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const metric = this.metrics.get(name.replace(/_(bucket|sum|count)$/, '')) ?? this.metrics.get(name)
    const found = [...(metric?.samples.values() ?? [])].filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    const [sample] = found
    if (sample === undefined || found.length > 1) throw new Error(`${found.length} samples of ${name}`)
    return sample.value
  }

  /** All counters. */
  totals(): Map<string, number> {
    const counters = [...this.metrics.values()].filter(({ type }) => type === 'counter')
    return new Map(counters.flatMap(({ samples }) => [...samples].map(([key, { value }]) => [key, value] as const)))
  }
}
