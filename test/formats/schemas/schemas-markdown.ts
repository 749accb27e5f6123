import { loggy } from '../../../src/formats/schemas/loggy.ts'
import { type Schema, textOfPath } from '../../../src/formats/schemas/schema.ts'
import { schemas } from '../../../src/formats/schemas/schemas.ts'

const others = Object.values(schemas).filter((schema) => schema !== loggy)

/** Names in schema `loggy` of what a schema has places for, in order. */
export function fieldsOf({ rows }: Schema): string[] {
  return [...new Set(rows.flatMap((row) => (row.kind === 'record' ? [row.field] : row.fields)))]
}

function placesOf({ rows }: Schema, field: string): string[] {
  return rows.flatMap((row) => {
    if (row.kind === 'record') return row.field === field ? [textOfPath(row.path)] : []
    return row.fields.includes(field) ? row.places : []
  })
}

/** The tables of docs/schemas.md. */
export function schemasMarkdown(): string {
  const cell = (places: readonly string[]) => places.map((place) => `\`${place}\``).join('<br>')
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = fieldsOf(loggy).map((field) =>
    line([field === 'fixed fields' ? field : `\`${field}\``, ...others.map((schema) => cell(placesOf(schema, field)))]),
  )
  const made = others.map(({ rows }) =>
    cell(rows.flatMap((row) => (row.kind === 'resource' && row.fields.length === 0 ? row.places : []))),
  )
  const head = ['`loggy`', ...others.map(({ name }) => `\`${name}\``)]
  return [line(head), line(head.map(() => '---')), ...rows, line(['made of others, or constant', ...made])].join('\n')
}
