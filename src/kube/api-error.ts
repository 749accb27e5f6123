import { LoggyError } from '../lib/errors.ts'
import { fieldsOf, listOf, textOf } from './fields.ts'

/** Milliseconds. Longer waits are shortened to this: an agent that sleeps for an hour would be an outage of its own. */
export const MAX_RETRY_AFTER_MS = 300_000

/** The error in a `Status` object of the API server. */
export interface Status {
  /** The HTTP status; an ERROR event of a watch has one, too. */
  readonly code: number
  /** `Expired`, `Forbidden`, … */
  readonly reason: string | undefined
  readonly message: string | undefined
  /** Further machine-readable reasons, such as `ResourceVersionTooLarge`. */
  readonly causes: readonly string[]
  /** The wait that the server asks for, at most `MAX_RETRY_AFTER_MS`. */
  readonly retryAfterMs: number | undefined
}

/** The API server, or a kubelet, answered with an error. */
export class ApiError extends LoggyError {
  override readonly name = 'ApiError'
  readonly status: Status

  constructor(status: Status, peer = 'the API server') {
    super('KUBE_STATUS', `${peer} answered ${status.code}: ${status.message ?? status.reason ?? 'no reason given'}`)
    this.status = status
  }

  /** The requested resourceVersion is no longer in the server's history. */
  get isExpired(): boolean {
    return this.status.code === 410 || this.status.reason === 'Expired' || this.status.reason === 'Gone'
  }

  /** The requested resourceVersion is newer than the server's, which lags behind or was restored from a backup. */
  get isTooLarge(): boolean {
    return (
      this.status.causes.includes('ResourceVersionTooLarge') ||
      /too large resource version/i.test(this.status.message ?? '')
    )
  }
}

/** Reads a `Status` object; if the code is missing or invalid, `code` is used. */
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
