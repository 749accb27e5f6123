import { inspect } from 'node:util'
import { LoggyError } from '../lib/errors.ts'
import { optionsByKey } from './options.ts'

/** Where a value may come from, weakest first. */
export const ORIGINS = ['default', 'file', 'env', 'flag'] as const

/** Where a value came from. */
export type Origin = (typeof ORIGINS)[number]

/** One thing that is wrong with the configuration. */
export interface Fault {
  /** The option's key; as written if it is unknown; `--config` for the file as a whole. */
  readonly key: string
  readonly value: unknown
  /** Completes "expected …". */
  readonly expected: string
  readonly from: Origin
  /** The known key or variable that an unknown one resembles. */
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

  /** For people: one line per fault with its key, its value, where it stands and what was expected. */
  format(): string {
    return this.message
  }
}

const ONE_LINE = { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 5, maxStringLength: 80 }

/** Characters: a fault stays one readable line whatever stands in the file. */
const MAX_SHOWN = 200

/** Names that tell of a secret; what they hold is shown nowhere. */
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
  // Of a map just the keys: its values may be secrets, under names that tell so.
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
