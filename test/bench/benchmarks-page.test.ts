import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { benchmarksSvg } from './benchmarks-chart.ts'
import { benchmarksMarkdown } from './benchmarks-page.ts'

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const report = JSON.parse(read('benchmarks.json'))
const sinks = JSON.parse(read('benchmarks-sinks.json'))

test('docs/benchmarks.md is what docs/benchmarks.json and docs/benchmarks-sinks.json give', () => {
  assert.equal(read('benchmarks.md'), benchmarksMarkdown(report, sinks))
})

test('docs/benchmarks.svg is what docs/benchmarks.json gives', () => {
  assert.equal(read('benchmarks.svg'), benchmarksSvg(report))
})
