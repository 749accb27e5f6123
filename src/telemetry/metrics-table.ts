import { catalogue } from './catalogue.ts'
import type { Metric } from './metric.ts'

/** The catalogue in Markdown, for the tables of docs/metrics.md. */
export function metricsMarkdown(): string {
  return catalogue.map(({ title, metrics }) => `### ${title}\n\n${head}${metrics.map(row).join('')}`).join('\n')
}

const head = '| metric | type | labels | unit | meaning |\n|---|---|---|---|---|\n'

function row(metric: Metric): string {
  const cells = [`\`${metric.name}\``, metric.type, (metric.labels ?? []).join(', '), unitOf(metric), metric.help]
  return `| ${cells.join(' | ')} |\n`
}

/** A name ends with the unit, before `_total`. */
function unitOf({ name }: Metric): string {
  return /_(bytes|seconds)(_total)?$/.exec(name)?.[1] ?? ''
}
