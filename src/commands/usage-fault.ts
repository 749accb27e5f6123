import { ConfigError } from '../config/config-error.ts'
import { systemCode } from '../lib/errors.ts'

/** What to tell a person whose arguments or configuration are at fault, or undefined for any other error. */
export function usageFault(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.format()
  return error instanceof Error && systemCode(error)?.startsWith('ERR_PARSE_ARGS') ? error.message : undefined
}
