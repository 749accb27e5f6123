import { LoggyError } from '../lib/errors.ts'
import { fieldsOf, listOf, textOf } from './fields.ts'

/** Milliseconds. A longer wait is not obeyed in full: an agent that sleeps for an hour is an outage of its own. */
export const MAX_RETRY_AFTER_MS = 300_000

/** What the API server says went wrong, from a `Status` object. */
export interface Status {
  /** HTTP's code; an ERROR event of a watch carries it too. */
  readonly code: number
  /** `Expired`, `Forbidden`, … */
  readonly reason: string | undefined
  readonly message: string | undefined
  /** Further machine-readable reasons, such as `ResourceVersionTooLarge`. */
  readonly causes: readonly string[]
  /** What the server asks to wait, at most `MAX_RETRY_AFTER_MS`. */
  readonly retryAfterMs: number | undefined
}

/** The API server answered, but not with what was asked for. */
export class ApiError extends LoggyError {
  override readonly name = 'ApiError'
  readonly status: Status

  constructor(status: Status) {
    super(
      'KUBE_STATUS',
      `the API server answered ${status.code}: ${status.message ?? status.reason ?? 'no reason given'}`,
    )
    this.status = status
  }

  /** The resourceVersion asked for has left the server's history. */
  get isExpired(): boolean {
    return this.status.code === 410 || this.status.reason === 'Expired' || this.status.reason === 'Gone'
  }

  /** The resourceVersion asked for is newer than the server's: it lags behind, or was restored from a backup. */
  get isTooLarge(): boolean {
    return (
      this.status.causes.includes('ResourceVersionTooLarge') ||
      /too large resource version/i.test(this.status.message ?? '')
    )
  }
}

/** Reads a `Status` object; whatever is missing or odd falls back to the code given. */
export function readStatus(value: unknown, code: number): Status {
  const status = fieldsOf(value)
  const details = fieldsOf(status.details)
  const seconds = details.retryAfterSeconds
  return {
    code: typeof status.code === 'number' ? status.code : code,
    reason: textOf(status.reason),
    message: textOf(status.message),
    causes: listOf(details.causes).flatMap((cause) => textOf(fieldsOf(cause).reason) ?? []),
    retryAfterMs: typeof seconds === 'number' && seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : undefined,
  }
}
