import { fromText, type Given, type Layer } from './layer.ts'
import { options } from './options.ts'

/** The settings of a flag for `parseArgs`. */
export interface Flag {
  readonly type: 'string'
  readonly short?: string
  readonly multiple?: boolean
}

/** The flags of `loggy run` and `loggy check`, for `parseArgs`; flags of lists may be repeated. */
export const runFlags: { readonly config: { readonly type: 'string' } } & Readonly<Record<string, Flag>> = {
  config: { type: 'string' },
  ...Object.fromEntries(
    options.flatMap(({ flag, short, form }): [string, Flag][] =>
      flag === undefined ? [] : [[flag, { type: 'string', multiple: form === 'list', ...(short && { short }) }]],
    ),
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
