import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { CHART } from '../scripts/rendered-chart.ts'
import type { ResolvedConfig } from '../src/config/load.ts'
import { pages, pageText, yamlBlocks } from './support/pages.ts'
import { resolveYaml } from './support/resolve-yaml.ts'

const root = join(import.meta.dirname, '..')
/** The first keys of configurations of other programs that pages show beside ours. */
const OTHERS = /^(pipeline|filebeat\.\w+|sources|transforms|sinks|scrape_configs|clients|output\.\w+|input|receivers)$/

const blocks = pages.flatMap(yamlBlocks)

test('each configuration in a page is valid', async (t) => {
  const own = blocks.filter(({ kind }) => kind === 'loggy')
  assert.ok(own.length > 25)
  for (const { page, text } of own) {
    const { config } = await valid(t, page, text)
    if (page.startsWith('docs/destinations/')) assert.notEqual(config.sink.type, 'stdout', page)
  }
})

test('each example of values for the chart has keys of the chart and valid options', async (t) => {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'))
  const own = blocks.filter(({ kind }) => kind === 'values')
  assert.ok(own.length >= 3)
  for (const block of own) {
    for (const key of block.keys) assert.ok(key in values, `${block.page}: ${key}`)
    await valid(t, block.page, stringify(parse(block.text).config ?? {}))
  }
})

test('each other example is YAML, and of a program that is known here', () => {
  for (const { page, text, kind, keys } of blocks) {
    for (const document of parseAllDocuments(text)) assert.deepEqual(document.errors, [], `${page}: ${text}`)
    if (kind === 'other') assert.match(keys[0] ?? text, OTHERS, page)
  }
})

test('commands of kubectl, Helm and npm name folders, values and scripts that there are', () => {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'))
  const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts
  const found = (text: string, pattern: RegExp) => Array.from(text.matchAll(pattern), ([, name = '']) => name)
  let count = 0
  for (const page of pages) {
    const text = pageText(page)
    const folders = found(text, /kubectl (?:apply|delete) -k (\S+?)(?=[`\s).,;:]|$)/g)
    for (const folder of folders) assert.ok(existsSync(join(root, folder, 'kustomization.yaml')), `${page}: ${folder}`)
    for (const chart of found(text, /\b(charts\/\w+)/g)) assert.ok(existsSync(join(root, chart)), `${page}: ${chart}`)
    const set = found(text, /--set ([\w.]+)=/g)
    for (const key of set)
      assert.ok(key.split('.').reduce((node, name) => node?.[name], values) !== undefined, `${page}: ${key}`)
    const runs = found(text, /npm run ([\w:]+)/g)
    for (const script of runs) assert.ok(scripts[script], `${page}: ${script}`)
    count += folders.length + set.length + runs.length
  }
  assert.ok(count > 30)
})

async function valid(t: TestContext, page: string, text: string): Promise<ResolvedConfig> {
  return await resolveYaml(t, text).catch((cause) => assert.fail(`${page}: ${cause.message}\n${text}`))
}
