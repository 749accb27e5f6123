import { inspect } from 'node:util'
import { LoggyError } from '../lib/errors.ts'
import { optionsByKey } from './options.ts'

/** Where a value can come from; later ones take precedence. */
export const ORIGINS = ['default', 'file', 'env', 'flag'] as const

/** Where a value came from. */
export type Origin = (typeof ORIGINS)[number]

/** One fault in the configuration. */
export interface Fault {
  /** The option's key; an unknown key as it was written; `--config` for the file as a whole. */
  readonly key: string
  readonly value: unknown
  /** The text after "expected". */
  readonly expected: string
  readonly from: Origin
  /** The known key or variable that is most similar to an unknown one. */
  readonly nearest?: string | undefined
}

/** All faults of a configuration at once; code CONFIG_INVALID. */
export class ConfigError extends LoggyError {
  override readonly name = 'ConfigError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super('CONFIG_INVALID', faults.map(formatFault).join('\n'))
    this.faults = faults
  }

  /** For people: one line per fault, with its key, value, place and what was expected. */
  format(): string {
    return this.message
  }
}

const ONE_LINE = { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 5, maxStringLength: 80 }

/** Characters, so that a fault is one readable line whatever is in the file. */
const MAX_SHOWN = 200

/** Names of secrets; their values are never shown. */
const SECRET = /token|password|passwd|secret|credential|auth|api_?key/i

/** User and password in a URL. */
const USER_INFO = /\/\/[^/?#]*@/g

function formatFault({ key, value, expected, from, nearest }: Fault): string {
  const isSecret = optionsByKey.get(key)?.isSecret ?? SECRET.test(key)
  const shown = isSecret ? '(not shown)' : showValue(value).replace(USER_INFO, '//(not shown)@')
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return `${showKey(key)} = ${shown} (${placeOf(key, from)}): expected ${expected}${hint}`.replace(
    /[\n\r\u2028\u2029]+/g,
    ' ',
  )
}

function showValue(value: unknown): string {
  if (value === undefined) return '(not set)'
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  // Only the keys of a map: values may be secrets that only their names show.
  const text = isMap ? `a map of ${inspect(Object.keys(value), ONE_LINE)}` : inspect(value, ONE_LINE)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

function showKey(key: string): string {
  return /^[\w.\-[\]]+$/.test(key) ? key : showValue(key)
}

function placeOf(key: string, from: Origin): string {
  const option = optionsByKey.get(key)
  if (from === 'env') return option === undefined ? 'environment' : `environment, ${option.env}`
  if (from === 'flag') return option === undefined ? 'flag' : `flag --${option.flag}`
  return from
}
