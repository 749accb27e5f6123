import { describeError, systemCode } from '../lib/errors.ts'

/** What a reply means for the entries that were sent. */
export type Verdict =
  | { readonly is: 'accepted' }
  /** The same entries in smaller bodies may be taken. */
  | (Refusal & { readonly is: 'too-large' })
  /** These entries are never taken. */
  | (Refusal & { readonly is: 'rejected' })
  | Retry

interface Refusal {
  /** Stays the same while the destination fails in the same way. */
  readonly kind: string
  readonly reason: string
}

/** The same again later. */
export interface Retry extends Refusal {
  readonly is: 'retry'
  /** `error` where a person must act. */
  readonly level: 'warn' | 'error'
  /** Milliseconds that the destination asked for. */
  readonly afterMs: number
}

/** A whole answer, or its head if the rest was cut off. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** The start of the body. */
  readonly words: string
}

/** Milliseconds. Who asks for more is asked again all the same: the node's disk does not hold the lines for ever. */
const MAX_RETRY_AFTER_MS = 60_000

/** RFC 9110: the destination, or the way to it, is at fault for now. */
const TRANSIENT = new Set([408, 425, 429])
/** The credentials are at fault, which a person mends, and the entries are not. */
const UNAUTHORISED = new Set([401, 403, 407])

/** Faults of a connection that come and go without a person. */
const TRANSIENT_FAULTS = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH EAI_AGAIN HTTP_TIMEOUT HTTP_CUT'.split(
    ' ',
  ),
)

/** Judges a status. `nowMs` is the time of day, for a `Retry-After` that is a date. */
export function judgeAnswer({ status, retryAfter, words }: Answer, nowMs: number): Verdict {
  const kind = `HTTP ${status}`
  const reason = words === '' ? kind : `${kind}: ${words}`
  if (status >= 200 && status < 300) return { is: 'accepted' }
  if (status === 413) return { is: 'too-large', kind, reason }
  const retry = { is: 'retry', kind, reason, afterMs: parseRetryAfter(retryAfter, nowMs) } as const
  if (status >= 500 || TRANSIENT.has(status)) return { ...retry, level: 'warn' }
  if (UNAUTHORISED.has(status)) return { ...retry, level: 'error' }
  // A redirect is not followed: it would hand entries and token to whomever it names. The URL is wrong, and a person mends it.
  if (status < 400) return { ...retry, reason: `${reason} (redirects are not followed)`, level: 'error' }
  return { is: 'rejected', kind, reason }
}

/** Judges what kept an answer from coming. */
export function judgeFault(error: unknown): Retry {
  const kind = systemCode(error) ?? 'other'
  const level = TRANSIENT_FAULTS.has(kind) ? 'warn' : 'error'
  // The error of several addresses that were tried has a code and no words.
  return { is: 'retry', kind, reason: describeError(error) || kind, level, afterMs: 0 }
}

/** Milliseconds of `Retry-After`: seconds or an HTTP date; 0 if it is neither. */
function parseRetryAfter(text: string | undefined, nowMs: number): number {
  if (text === undefined) return 0
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Math.min(Math.max(milliseconds || 0, 0), MAX_RETRY_AFTER_MS)
}
