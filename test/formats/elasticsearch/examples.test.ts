import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ecs } from '../../../src/formats/schemas/ecs.ts'

const root = join(import.meta.dirname, '../../../examples/elasticsearch')
const places = ecs.rows.flatMap((row) => (row.kind === 'record' ? [row.path.join('.')] : row.places))

interface Mapping {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Mapping>>
}

/** Fields that have a type, with dots. */
function fieldsOf({ properties = {} }: Mapping, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, inner]) =>
    inner.properties === undefined ? [prefix + name] : fieldsOf(inner, `${prefix}${name}.`),
  )
}

describe('the examples name fields that documents have', () => {
  for (const name of ['elasticsearch', 'opensearch']) {
    test(`index-template-${name}.json`, () => {
      const template = JSON.parse(readFileSync(join(root, `index-template-${name}.json`), 'utf8'))
      const named = fieldsOf(template.template.mappings)
      // Of the sink, and of fixed fields whose names are taken.
      const fields = named.filter((field) => !field.startsWith('data_stream.') && field !== 'loggy.fields')
      assert.ok(fields.length > 10)
      for (const field of fields)
        assert.ok(
          places.some((place) => place === field || place.startsWith(`${field}.`) || place.startsWith(`${field}[`)),
          field,
        )
      assert.deepEqual(template.data_stream, {})
    })
  }

  test('dashboard.ndjson, whose references and panels lead to an object of the file', () => {
    const lines = readFileSync(join(root, 'dashboard.ndjson'), 'utf8').trim().split('\n')
    const objects = lines.map((line) => JSON.parse(line))
    const known = new Set(objects.map(({ type, id }) => `${type} ${id}`))
    assert.equal(known.size, objects.length)
    for (const { attributes, references } of objects) {
      for (const { type, id } of references) assert.ok(known.has(`${type} ${id}`))
      const { aggs = [] } = JSON.parse(attributes.visState ?? '{}')
      const fields = aggs.flatMap(({ params }: { params: { field?: string } }) => params.field ?? [])
      for (const field of [...(attributes.columns ?? []), ...fields]) assert.ok(places.includes(field), field)
      const names = references.map(({ name }: { name: string }) => name)
      for (const { panelRefName } of JSON.parse(attributes.panelsJSON ?? '[]')) assert.ok(names.includes(panelRefName))
    }
    assert.ok(objects.some(({ type }) => type === 'dashboard'))
  })
})
