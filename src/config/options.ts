import * as v from 'valibot'
import { choice } from './kinds.ts'
import { configSchema } from './schema.ts'

/** One option of the schema. */
export interface Option {
  /** With dots, as in a fault: `select.namespaces.include`. */
  readonly key: string
  readonly path: readonly string[]
  /** `LOGGY_SELECT_NAMESPACES_INCLUDE`. */
  readonly env: string
  /** Name on the command line; only common options have one. */
  readonly flag: string | undefined
  readonly short: string | undefined
  /** As in a file; undefined if there is none. */
  readonly default: unknown
  readonly defaultText: string | undefined
  /** The value is never shown. */
  readonly isSecret: boolean
  readonly type: string
  readonly placeholder: string
  readonly expected: string
  readonly form: 'text' | 'list' | 'map' | 'boolean'
  readonly description: string
  readonly schema: v.GenericSchema
  /** The option is allowed only if another one has one of these values. For each of them: the option as it is then. */
  readonly onlyWith: { readonly key: string; readonly variants: ReadonlyMap<string, Option> } | undefined
}

const metadataSchema = v.object({
  type: v.string(),
  placeholder: v.string(),
  expected: v.string(),
  form: v.picklist(['text', 'list', 'map', 'boolean']),
  description: v.string(),
  flag: v.optional(v.string()),
  short: v.optional(v.string()),
  defaultText: v.optional(v.string()),
  isSecret: v.optional(v.boolean(), false),
})

/** All options in the order of the schema. */
export const options: readonly Option[] = optionsOf(configSchema, [])

/** Options by key. */
export const optionsByKey: ReadonlyMap<string, Option> = new Map(options.map((option) => [option.key, option]))

/** Keys of maps: `select`, `select.namespaces` … */
export const sectionKeys: ReadonlySet<string> = new Set(
  options.flatMap(({ path }) => path.slice(0, -1).map((_, depth) => path.slice(0, depth + 1).join('.'))),
)

type Entries = Readonly<Record<string, v.GenericSchema>>
type Wrapper = v.GenericSchema & { readonly wrapped: v.GenericSchema }
type Section = v.GenericSchema & { readonly entries: Entries }
type Variant = v.GenericSchema & { readonly key: string; readonly options: readonly Section[] }

function optionsOf(
  schema: v.GenericSchema,
  path: readonly string[],
  { defaultValue }: { readonly defaultValue?: unknown } = {},
): Option[] {
  if (isWrapper(schema)) return optionsOf(schema.wrapped, path, { defaultValue: v.getDefault(schema) })
  if (isVariant(schema)) return optionsOfVariant(schema, { path, defaultValue })
  if (isSection(schema)) return optionsOfSection(schema.entries, path)
  return [optionOf(schema, path, { defaultValue, metadata: v.getMetadata(schema) })]
}

function optionsOfSection(entries: Entries, path: readonly string[]): Option[] {
  return Object.entries(entries).flatMap(([name, schema]) => optionsOf(schema, [...path, name]))
}

/** The key that selects the variant is a normal option; the keys of each variant are allowed only with it. Those of all variants are normal again. */
function optionsOfVariant(
  variant: Variant,
  { path, defaultValue }: { readonly path: readonly string[]; readonly defaultValue: unknown },
): Option[] {
  const branches = variant.options.map(({ entries: { [variant.key]: word, ...rest } }) => ({
    word: literalOf(word),
    options: optionsOfSection(rest, path),
  }))
  const chooser = choice(branches.map(({ word }) => word))
  const chooserPath = [...path, variant.key]
  const chooserDefault = v.parse(v.record(v.string(), v.unknown()), defaultValue)[variant.key]
  const metadata = { ...v.getMetadata(chooser), ...v.getMetadata(variant) }
  const all = branches.flatMap(({ word, options }) => options.map((option) => ({ word, option })))
  const merged = [...Map.groupBy(all, ({ option }) => option.key).values()].map((group) =>
    group.length === branches.length ? (group[0]?.option as Option) : mergeVariants(chooserPath.join('.'), group),
  )
  return [optionOf(chooser, chooserPath, { defaultValue: chooserDefault, metadata }), ...merged]
}

/** An option that several variants have; what differs is the default, which values are allowed, and the words about it. */
function mergeVariants(key: string, group: readonly { readonly word: string; readonly option: Option }[]): Option {
  const [first] = group.map(({ option }) => option) as [Option, ...Option[]]
  const descriptions = new Set(group.map(({ option }) => option.description))
  const byDefault = Map.groupBy(group, ({ option }) => JSON.stringify(option.default))
  const defaults = [...byDefault.values()].sort((a, b) => a.length - b.length)
  const wordsOf = (same: typeof group) =>
    same === defaults.at(-1) ? 'others' : same.map(({ word }) => word).join(', ')
  const defaultText = defaults.map((same) => `\`${same[0]?.option.default}\` (${wordsOf(same)})`).join(', ')
  return {
    ...first,
    description: [...descriptions].join(' '),
    ...(defaults.length > 1 && { defaultText }),
    onlyWith: { key, variants: new Map(group.map(({ word, option }) => [word, option])) },
  }
}

function optionOf(
  schema: v.GenericSchema,
  path: readonly string[],
  about: { defaultValue: unknown; metadata: object },
): Option {
  const { flag, short, defaultText, ...rest } = v.parse(metadataSchema, about.metadata)
  const env = `LOGGY_${path.join('_').replace(/[A-Z]/g, '_$&').toUpperCase()}`
  const names = { key: path.join('.'), path, env, flag, short }
  return { ...names, ...rest, default: about.defaultValue, defaultText, schema, onlyWith: undefined }
}

function isWrapper(schema: v.GenericSchema): schema is Wrapper {
  return 'wrapped' in schema
}

function isVariant(schema: v.GenericSchema): schema is Variant {
  return schema.type === 'variant'
}

function isSection(schema: v.GenericSchema): schema is Section {
  return 'entries' in schema
}

function literalOf(schema: v.GenericSchema | undefined): string {
  return schema !== undefined && 'literal' in schema ? String(schema.literal) : ''
}
