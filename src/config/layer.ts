import type { Fault, Origin } from './config-error.ts'
import type { Option } from './options.ts'

/** An option's value as it was given, not yet validated. */
export interface Given {
  readonly option: Option
  readonly raw: unknown
  readonly from: Origin
}

/** The values from one place: file, environment, flags or defaults. */
export interface Layer {
  readonly given: readonly Given[]
  readonly faults: readonly Fault[]
}

/** Converts the text of a variable or flag to the value in a file. An invalid text stays as it is, for the schema to refuse. */
export function fromText(option: Option, text: string): unknown {
  switch (option.form) {
    case 'text':
      return text
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : text)
    case 'list':
      return text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '')
    case 'map':
      return mapFromText(text)
  }
}

/** Parses `a=b,c=d`. Percent-encoding as in a URL allows commas in values. Other texts are returned unchanged. */
function mapFromText(text: string): unknown {
  const entries: [string, string][] = []
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(pair) ?? []
    if (name === undefined || value === undefined || /%(?![\da-f]{2})/i.test(value)) return text
    entries.push([name, decodePercents(value.trim())])
  }
  return Object.fromEntries(entries)
}

/** Byte by byte, since a header's value is Latin-1. */
function decodePercents(text: string): string {
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The values as nested maps, as in a file. */
export function toTree(given: readonly Given[], depth = 0): Record<string, unknown> {
  const members = Map.groupBy(given, ({ option }) => option.path[depth] ?? '')
  return Object.fromEntries(
    [...members].map(([name, values]) => {
      const [first] = values
      return [name, first?.option.path.length === depth + 1 ? first.raw : toTree(values, depth + 1)]
    }),
  )
}
