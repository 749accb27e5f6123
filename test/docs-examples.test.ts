import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { CHART } from '../scripts/rendered-chart.ts'
import { NodeHere } from './support/agent-here.ts'
import { pages, yamlBlocks } from './support/pages.ts'

/** The first keys of configurations of other programs that pages show beside ours. */
const OTHERS = /^(pipeline|filebeat\.\w+|sources|transforms|sinks|scrape_configs|clients|output\.\w+|input|receivers)$/

const blocks = pages.flatMap(yamlBlocks)

const configurations = blocks.flatMap(({ page, kind, text }) => {
  if (kind === 'loggy') return [{ page, text }]
  return kind === 'values' ? [{ page, text: stringify(parse(text).config ?? {}) }] : []
})

test('an agent runs with each configuration in a page, and its destination gets a line', async (t) => {
  assert.ok(configurations.length > 30)
  const node = await NodeHere.start(t)
  await Promise.all(
    configurations.map(async ({ page, text }) => {
      const fault = (what: string) => `${page}: ${what}\n${text}`
      const { log, path } = await node.collect(text).catch((cause) => assert.fail(fault(cause.message)))
      for (const line of log.trimEnd().split('\n')) assert.equal(JSON.parse(line).level, 'info', fault(line))
      const { url } = parse(text).sink ?? {}
      if (page.startsWith('docs/destinations/')) assert.ok(url, fault('no URL'))
      // Where the chart mounts Secrets, so that a reader can take an example as it is.
      for (const [, file = ''] of text.matchAll(/(?:token|password|apiKey|ca|cert|key)File: (\S+?)[ },]*$/gm))
        assert.match(file, /^\/etc\/loggy-secrets\/[\w-]+\/[\w.-]+$/, fault(file))
      if (url !== undefined) assertSamePath(new URL(url), path)
    }),
  )
})

test('each example of values for the chart has keys of the chart', () => {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'))
  const own = blocks.filter(({ kind }) => kind === 'values')
  assert.ok(own.length >= 3)
  for (const { page, keys } of own) for (const key of keys) assert.ok(key in values, `${page}: ${key}`)
})

test('each other example is YAML, and of a program that is known here', () => {
  for (const { page, text, kind, keys } of blocks) {
    for (const document of parseAllDocuments(text)) assert.deepEqual(document.errors, [], `${page}: ${text}`)
    if (kind === 'other') assert.match(keys[0] ?? text, OTHERS, page)
  }
})

/** What a URL says behind the host is the destination's own API; a sink may add a path where there is none, and to the query. */
function assertSamePath({ pathname, searchParams, href }: URL, path: string): void {
  const asked = new URL(path, 'http://here')
  if (pathname !== '/') assert.equal(asked.pathname, pathname, href)
  for (const [name, value] of searchParams) assert.equal(asked.searchParams.get(name), value, href)
}
