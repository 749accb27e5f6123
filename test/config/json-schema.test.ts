import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import * as v from 'valibot'
import { parse } from 'yaml'
import { configJsonSchema } from '../../scripts/config-json-schema.ts'
import { type Option, options } from '../../src/config/options.ts'
import { yamlBlocks } from '../support/pages.ts'

const root = join(import.meta.dirname, '../..')
const schema = JSON.parse(readFileSync(join(root, 'config.schema.json'), 'utf8'))
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
const accepts = (value: unknown) => validate(value) === true

/** Values of all kinds that an option may have, and of none. */
const VALUES = [
  ...['', 'a', '/a', 'a b', 'https://a.example', '5s', '1m30s', '64Ki', '128Mi', '300', 'beginning', 'zstd', 'a:b'],
  ...[0, 1, 1.5, -1, 300, 70_000, 1e12, true, false, null],
  ...[[], ['a*'], ['a b'], [1], {}, { a: 'b' }, { a: 1 }, { 'content-type': 'x' }, [{ name: 'a' }]],
]

test('config.schema.json is made of the schema of the options: run npm run schema', () => {
  assert.deepEqual(schema, JSON.parse(JSON.stringify(configJsonSchema())))
})

test('the schema for editors takes every value that the agent takes, with any sink', () => {
  for (const option of options)
    for (const [sink, variant] of variantsOf(option))
      for (const value of VALUES)
        if (v.is(variant.schema, value) && !isListForMap(option, value))
          assert.ok(accepts(withOption(option, value, sink)), `${option.key}: ${JSON.stringify(value)} ${sink}`)
})

test('the schema for editors refuses what has another type, an unknown key, or a number out of range', () => {
  const wrong = [
    ...[{ sinks: {} }, { sink: { type: 'kafka' } }, { sink: { type: 'loki', compression: 'zstd' } }],
    ...[{ sink: { type: 'stdout', url: 'http://a.example' } }, { sink: { type: 'datadog', tokenFile: '/a' } }],
    ...[{ select: { labels: ['a'] } }, { select: { minLevel: 'verbose' } }, { select: { namespace: {} } }],
    ...[{ source: { maxLineBytes: '1MiB' } }, { source: { held: { maxFiles: 0 } } }, { metrics: { port: 70_000 } }],
    ...[{ parse: { json: 'yes' } }, { enrich: { waitForMetadata: 5 } }, { enrich: { fields: { a: 1 } } }],
    ...[{ select: { namespaces: { include: 'shop' } } }, { 'select.labels': 'a' }, { log: { level: 'trace' } }],
  ]
  for (const config of wrong) assert.ok(!accepts(config), JSON.stringify(config))
})

test('the schema for editors takes all configurations of the documentation, the manifests and the examples', () => {
  const files = ['manifests/loggy.yaml', 'examples/overlay/loggy.yaml']
  const pages = globSync('docs/**/*.md', { cwd: root }).flatMap((page) =>
    yamlBlocks(page).filter(({ kind }) => kind === 'loggy'),
  )
  const texts = [...files.map((file) => readFileSync(join(root, file), 'utf8')), ...pages.map(({ text }) => text)]
  assert.ok(texts.length > 20)
  for (const text of texts) {
    // A file in which everything is commented out is an empty one.
    assert.ok(accepts(parse(text) ?? {}), `${text}: ${JSON.stringify(validate.errors)}`)
  }
})

test('each option has a description where its editor shows it', () => {
  for (const { key, path, onlyWith, description } of options) {
    const [word] = onlyWith?.variants.keys() ?? []
    const found = path.reduce<{ properties?: Record<string, object>; anyOf?: object[] } | undefined>(
      (node, name) => propertyOf(node, name, word),
      schema,
    )
    assert.ok(found && 'description' in found, `${key}: ${description}`)
  }
})

function propertyOf(
  node: { properties?: Record<string, object>; anyOf?: object[] } | undefined,
  name: string,
  word: string | undefined,
): object | undefined {
  if (node?.anyOf === undefined) return node?.properties?.[name]
  const branches = node.anyOf as { properties: Record<string, { const?: string }> }[]
  if (name === 'type') return { description: 'The branches say which.' }
  return branches.find(({ properties }) => word === undefined || properties.type?.const === word)?.properties[name]
}

/** Valibot takes a list for a map whose names are numbers. */
function isListForMap({ form }: Option, value: unknown): boolean {
  return form === 'map' && Array.isArray(value)
}

/** The option as it is with each sink that has it; with no sink, if all have it. */
function variantsOf(option: Option): [string | undefined, Option][] {
  return option.onlyWith === undefined ? [[undefined, option]] : [...option.onlyWith.variants]
}

function withOption(option: Option, value: unknown, sink: string | undefined): object {
  const tree = option.path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, object>
  return sink === undefined ? tree : { sink: { ...tree.sink, type: sink } }
}
