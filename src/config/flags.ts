import type { Flag, Flags } from '../lib/arguments.ts'
import { fromText, type Given, type Layer } from './layer.ts'
import { options } from './options.ts'

/** The flags of `loggy run` and `loggy check`; flags of lists may be repeated. */
export const runFlags: { readonly config: Flag & { readonly type: 'string' } } & Flags = {
  config: { type: 'string', value: 'FILE', offers: 'file', help: 'YAML file with options.' },
  ...Object.fromEntries(
    options.flatMap(({ flag, short, form, placeholder, description }): [string, Flag][] => {
      const shown = { value: placeholder, help: description.replaceAll('`', '') }
      if (flag === undefined) return []
      return [[flag, { type: 'string', multiple: form === 'list', ...shown, ...(short && { short }) }]]
    }),
  ),
}

/** The options in the values that `parseArgs` returned. */
export function readFlags(values: Readonly<Record<string, unknown>>): Layer {
  const given = options.flatMap((option): Given[] => {
    const value = option.flag === undefined ? undefined : values[option.flag]
    if (value === undefined) return []
    return [{ option, raw: fromText(option, Array.isArray(value) ? value.join(',') : String(value)), from: 'flag' }]
  })
  return { given, faults: [] }
}
