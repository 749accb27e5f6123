/** One metric as it was exposed. */
export interface ExposedMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** By the text of name and labels, such as `a_total{b="c"}`. */
  readonly samples: ReadonlyMap<string, Exposed>
}

export interface Exposed {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/

/**
 * Reads Prometheus' text format, and throws at what `promtool check metrics` would find fault with: a metric without HELP or TYPE before
 * its samples, samples of another, a series twice, a counter without `_total` or below 0, buckets that are not cumulative.
 * Source: prometheus/docs, exposition_formats.md.
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, ExposedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, ExposedMetric>()
  for (const block of text.trimEnd().split('\n\n')) {
    const metric = parseBlock(block.split('\n'))
    if (metrics.has(metric.name)) throw new Error(`${metric.name} twice`)
    check(metric)
    metrics.set(metric.name, metric)
  }
  return metrics
}

function parseBlock([helpLine = '', typeLine = '', ...lines]: string[]): ExposedMetric {
  const [, name = '', help = ''] = HELP.exec(helpLine) ?? fail('no HELP', helpLine)
  const [, typed, type] = TYPE.exec(typeLine) ?? fail('no TYPE', typeLine)
  if (typed !== name) fail(`TYPE of another metric than ${name}`, typeLine)
  const samples = new Map<string, Exposed>()
  for (const line of lines) {
    const sample = parseSample(line)
    const key = keyOf(sample)
    if (samples.has(key)) fail('the same series twice', line)
    samples.set(key, sample)
  }
  return { name, help, type: type as ExposedMetric['type'], samples }
}

function parseSample(line: string): Exposed {
  const [, name = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? fail('no sample', line)
  const labels: Record<string, string> = {}
  for (let rest = labelText; rest !== ''; ) {
    const [all, label = '', text = ''] = LABEL.exec(rest) ?? fail('no label', rest)
    if (Object.hasOwn(labels, label)) fail('the same label twice', line)
    labels[label] = text.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))
    rest = rest.slice(all.length)
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function keyOf({ name, labels }: Exposed): string {
  const texts = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return texts.length === 0 ? name : `${name}{${texts.sort().join(',')}}`
}

function check(metric: ExposedMetric): void {
  const { name, type } = metric
  if ((type === 'counter') !== name.endsWith('_total')) fail('a counter, and nothing else, ends with _total', name)
  if (type === 'histogram') checkHistogram(metric)
  else checkNumbers(metric)
}

function checkNumbers({ name, type, samples }: ExposedMetric): void {
  for (const [key, sample] of samples) {
    if (sample.name !== name) fail(`a sample of another metric than ${name}`, key)
    if (Number.isNaN(sample.value)) fail('not a number', key)
    if (type === 'counter' && !(sample.value >= 0 && Number.isFinite(sample.value))) fail('no count', key)
  }
}

function checkHistogram({ name, samples }: ExposedMetric): void {
  const bySeries = Map.groupBy(samples.values(), ({ labels: { le, ...labels } }) => keyOf({ name, labels, value: 0 }))
  for (const [series, values] of bySeries) checkBuckets(name, series, values)
}

/** Of one histogram of a metric. */
function checkBuckets(name: string, series: string, values: readonly Exposed[]): void {
  const buckets = values.filter((sample) => sample.name === `${name}_bucket`)
  const limits = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')))
  const counts = buckets.map(({ value }) => value)
  const sampleOf = (part: string) => values.find((sample) => sample.name === `${name}_${part}`)?.value
  if (!isAscending(limits) || new Set(limits).size < limits.length) fail('limits do not ascend', series)
  if (!isAscending(counts)) fail('buckets are not cumulative', series)
  if (limits.at(-1) !== Number.POSITIVE_INFINITY) fail('no bucket +Inf', series)
  if (sampleOf('count') !== counts.at(-1)) fail('the count is not that of the bucket +Inf', series)
  if (sampleOf('sum') === undefined) fail('no sum', series)
  if (values.length !== buckets.length + 2) fail('further samples', series)
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number >= (numbers[index - 1] ?? Number.NEGATIVE_INFINITY))
}

function fail(fault: string, where: string): never {
  throw new Error(`${fault}: ${where}`)
}
