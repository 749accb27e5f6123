import * as v from 'valibot'
import { configSchema } from '../src/config/schema.ts'

/** A JSON schema, as far as one is made here. */
export interface JsonSchema {
  [keyword: string]: unknown
}

type Schema = v.GenericSchema & {
  readonly wrapped?: v.GenericSchema
  readonly entries?: Readonly<Record<string, v.GenericSchema>>
  readonly item?: v.GenericSchema
  readonly key?: v.GenericSchema
  readonly value?: v.GenericSchema
  readonly options?: readonly unknown[]
  readonly literal?: unknown
  readonly pipe?: readonly PipeItem[]
}

type PipeItem = { readonly type: string; readonly requirement?: unknown; readonly pipe?: readonly PipeItem[] }

/**
 * The JSON schema of a configuration file, for editors, made of the schema that the agent itself uses. It refuses nothing that the agent takes.
 * What a JSON schema cannot say, such as which keys a sink needs if no variable gives them, is left to `loggy check`.
 */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Loggy's configuration",
    ...jsonOf(configSchema),
  }
}

function jsonOf(given: v.GenericSchema): JsonSchema {
  const schema: Schema = given
  if (schema.wrapped !== undefined) {
    const inner = jsonOf(schema.wrapped)
    const value = v.getDefault(schema)
    // The default of a map is that of its keys.
    return isSection(schema.wrapped) ? inner : { ...inner, ...(value !== undefined && { default: value }) }
  }
  const { type, description } = v.getMetadata(schema)
  return {
    ...(typeof description === 'string' && { description: description.replaceAll('`', '') }),
    ...(typeof type === 'string' ? ofRange(type) : undefined),
    ...ofKind(schema),
  }
}

function isSection(schema: Schema): boolean {
  return schema.type === 'strict_object' || schema.type === 'variant'
}

function ofKind(schema: Schema): JsonSchema {
  switch (schema.type) {
    case 'strict_object':
      return ofEntries(schema.entries ?? {})
    case 'variant':
      return { type: ['object', 'null'], anyOf: (schema.options as readonly Schema[]).map(ofVariant) }
    case 'array':
      return { type: 'array', items: jsonOf(schema.item as v.GenericSchema) }
    case 'record':
      return { type: 'object', additionalProperties: jsonOf(schema.value as v.GenericSchema) }
    case 'picklist':
      return { enum: schema.options }
    case 'literal':
      return { const: schema.literal }
    case 'boolean':
      return { type: 'boolean' }
    case 'string':
      return { type: 'string', ...patternOf(schema) }
    case 'union':
      return { type: ['string', 'integer'] } // a size or a number, which ofRange says more of
    default:
      return {}
  }
}

/** A section whose keys are all commented out is null. */
function ofEntries(entries: Readonly<Record<string, v.GenericSchema>>): JsonSchema {
  const properties = Object.fromEntries(Object.entries(entries).map(([key, schema]) => [key, jsonOf(schema)]))
  return { type: ['object', 'null'], additionalProperties: false, properties }
}

/** A file without `type` has the default one; the type of its sink may still come from a variable, then there are no other keys to check. */
function ofVariant(variant: Schema): JsonSchema {
  const { type: word } = variant.entries ?? {}
  const isDefault = word !== undefined && (word as Schema).literal === 'stdout'
  return { ...jsonOf(variant), ...(!isDefault && { required: ['type'] }) }
}

/** The first pattern of a text. Transformed texts, such as durations, have none. */
function patternOf(schema: Schema): JsonSchema {
  const flat = (items: readonly PipeItem[]): PipeItem[] =>
    items.flatMap((item) => (item.pipe === undefined ? [item] : flat(item.pipe)))
  const items = flat(schema.pipe ?? [])
  const regex = items.find(({ type }) => type === 'regex')?.requirement
  return regex instanceof RegExp && items.every(({ type }) => type !== 'transform') ? { pattern: regex.source } : {}
}

/** From the words in the table of options: `size, 1Ki to 16Mi`, `number, 1 to 100`, `duration, 0s to 10m`. */
function ofRange(words: string): JsonSchema {
  const [, kind, from = '', to = ''] = /^(size|number|duration), (\S+) to (\S+)$/.exec(words) ?? []
  if (kind === 'duration') return { pattern: '^(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$', examples: [from, to] }
  if (kind === 'size') return { minimum: 0, pattern: '^\\d+(k|M|G|Ki|Mi|Gi)?$', examples: [from, to] }
  return kind === 'number' ? { minimum: Number(from), maximum: Number(to), pattern: '^\\d+$' } : {}
}
