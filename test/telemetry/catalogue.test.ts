import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { metricsMarkdown } from '../../src/telemetry/metrics-table.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
const metrics = catalogue.flatMap((group) => group.metrics)

test('the tables of docs/metrics.md are the catalogue', () => {
  const block = /<!-- metrics -->\n(?<tables>.*?)<!-- \/metrics -->/s.exec(read('docs/metrics.md'))
  assert.equal(block?.groups?.tables?.trim(), metricsMarkdown().trim())
})

test("names follow Prometheus' conventions, and each is given once", () => {
  for (const { name, type, help } of metrics) {
    assert.match(name, /^(loggy|process|nodejs)_[a-z_]+[a-z]$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    assert.doesNotMatch(name, /_(ms|milliseconds|kb|mib|minutes|percent|count|sum|bucket)(_|$)/)
    if (type === 'histogram') assert.match(name, /_seconds$/)
    assert.match(help, /^[A-Z0-9`].*\.$/, name)
    assert.doesNotMatch(help, /[\n\\]/)
  }
  assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length)
})

/** Names of metrics in a text of PromQL or of prose, `up` and what others expose left out. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/\b(?:loggy|process|nodejs)_[a-z_]+\b/g)].map(([name]) => name)
}

const exposed = new Set(
  metrics.flatMap(({ name, type }) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
)

for (const path of ['examples/monitoring/alerts.yaml', 'examples/monitoring/dashboard.json', 'docs/metrics.md']) {
  test(`each metric that ${path} names exists`, () => {
    const names = namesIn(read(path))
    assert.ok(names.length > 10)
    assert.deepEqual(
      names.filter((name) => !exposed.has(name)),
      [],
    )
  })
}

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string }
}

test('the alert rules say what is wrong and what to do, and are about what must not happen', () => {
  const { groups }: { groups: { readonly rules: Rule[] }[] } = parse(read('examples/monitoring/alerts.yaml'))
  const rules = groups.flatMap((group) => group.rules)
  for (const { alert, expr, labels, annotations } of rules) {
    assert.match(alert, /^Loggy[A-Z]\w+$/)
    assert.notEqual(expr, '')
    assert.match(labels.severity, /^(critical|warning)$/)
    assert.match(annotations.summary, /\.$/)
    assert.match(annotations.description, /\.$/)
  }
  const all = rules.map(({ expr }) => expr).join('\n')
  const important = ['lost_bytes_total', 'lag_seconds', 'loss_horizon_seconds', 'sink_failing', 'ready', 'path_only']
  for (const name of important) assert.match(all, new RegExp(`loggy_\\w*${name}\\b`))
})

test('the labels that rules and dashboard ask for are those of the metrics, or of every target', () => {
  const labels = new Set(metrics.flatMap(({ labels }) => labels ?? []))
  for (const name of ['instance', 'job', 'le', 'value']) labels.add(name)
  const alerts = read('examples/monitoring/alerts.yaml')
  const dashboard = read('examples/monitoring/dashboard.json')
  const asked = [
    ...alerts.matchAll(/\$labels\.(\w+)/g),
    ...alerts.matchAll(/(\w+)=~?"/g),
    ...dashboard.matchAll(/\{\{(\w+)\}\}/g),
    ...dashboard.matchAll(/(\w+)=~?\\"/g),
  ]
  assert.ok(asked.length > 10)
  assert.deepEqual(
    asked.map(([, name = '']) => name).filter((name) => !labels.has(name)),
    [],
  )
})

test('the dashboard is one that Grafana can read: each panel has a place of its own and a query', () => {
  const dashboard = JSON.parse(read('examples/monitoring/dashboard.json'))
  assert.equal(dashboard.title, 'Loggy')
  const taken = new Set<string>()
  for (const { title, gridPos, targets } of dashboard.panels) {
    assert.ok(targets.length > 0 && targets.every(({ expr }: { expr: string }) => expr !== ''), title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(x < 24 && !taken.has(`${x},${y}`), title)
        taken.add(`${x},${y}`)
      }
    }
  }
})
