import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parseArgs } from 'node:util'
import { runFlags } from '../../src/config/flags.ts'
import { flagsHelp, optionRows, optionsMarkdown } from '../../src/config/options-table.ts'

test('the table of options in docs/configuration.md is the one of the schema', async () => {
  const readme = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const block = /<!-- options -->\n(?<table>.*?)<!-- \/options -->/s.exec(readme)
  assert.equal(block?.groups?.table?.trim(), optionsMarkdown().trim())
})

test('each option has a row with a name, a type and one line of text', () => {
  assert.ok(optionRows.length >= 26)
  for (const { key, env, type, description, default: value } of optionRows) {
    assert.doesNotMatch(value, /\[object/, key)
    assert.match(key, /^[a-z]\w*(\.[a-z]\w*)+$/i)
    assert.match(env, /^LOGGY_[A-Z_]+$/)
    assert.notEqual(type, '')
    assert.match(description, /^[A-Z].+\.$/)
  }
})

test('a name in capitals starts each word of its key', () => {
  const names = new Map(optionRows.map(({ key, env }) => [key, env]))
  assert.equal(names.get('source.maxLineBytes'), 'LOGGY_SOURCE_MAX_LINE_BYTES')
  assert.equal(names.get('select.namespaces.exclude'), 'LOGGY_SELECT_NAMESPACES_EXCLUDE')
  assert.equal(names.get('enrich.waitForMetadata'), 'LOGGY_ENRICH_WAIT_FOR_METADATA')
  assert.equal(names.get('sink.type'), 'LOGGY_SINK_TYPE')
})

test('names of options, variables and flags are each given once', () => {
  const names = optionRows.flatMap(({ key, env, flag }) => [key, env, ...flag.split(', ').filter(Boolean)])
  assert.equal(new Set(names).size, names.length)
})

test('a row of the Markdown table has as many cells as its head', () => {
  const [head, ...rows] = optionsMarkdown().trim().split('\n')
  for (const row of rows) assert.equal(row.split('|').length, head?.split('|').length, row)
})

test('the common options have flags that parseArgs knows and --help tells', () => {
  const flags =
    'directory start-at namespaces exclude-namespaces labels annotations min-level sink sink-path sink-url state node-name kubeconfig log-level'
  assert.deepEqual(Object.keys(runFlags).sort(), ['config', ...flags.split(' ')].sort())
  const lines = flagsHelp().split('\n')
  for (const name of Object.keys(runFlags))
    assert.ok(
      lines.some((line) => line.includes(`--${name} `)),
      name,
    )
  const { values } = parseArgs({ args: ['-l', 'a=b', '-A', 'c'], options: runFlags })
  assert.deepEqual({ ...values }, { labels: 'a=b', annotations: 'c' })
})
