import { parseRetryAfter } from '../lib/retry-after.ts'
import type { Outcome, Retry, StatusAnswer } from '../model/sink.ts'

/** Bytes of a response body that are shown to people. */
const WORD_BYTES = 256

/** Milliseconds. A longer `Retry-After` is shortened to this: the node does not keep the log files for ever. */
const MAX_RETRY_AFTER_MS = 60_000
/** RFC 9110: a temporary fault of the destination or the way to it. */
export const TRANSIENT = new Set([408, 425, 429])

/** Statuses that a person has to fix: they are about the request as a whole, not its entries. */
const SET_UP: Readonly<Record<number, string>> = {
  401: 'the credentials are missing or wrong',
  403: 'the credentials do not permit writing there',
  404: 'this URL does not accept log entries',
  405: 'this URL does not accept POST',
  406: 'the destination cannot send a response that the headers accept',
  407: 'the proxy requires credentials',
  410: 'this URL no longer accepts log entries',
  411: 'the destination requires a Content-Length header',
  414: 'the URL is too long',
  415: 'the destination does not support the content type or the compression',
  417: 'the destination does not support the Expect header',
  421: 'another server responds at this URL',
  426: 'the destination requires another protocol',
  431: 'the headers are too long',
  451: 'the destination is not allowed to answer for legal reasons',
}

/** What an HTTP status means if nothing of the body is needed. `nowMs` is the time of day, for a `Retry-After` with a date. */
export function readStatus({ status, headers, body }: StatusAnswer, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted' }
  const words = wordsOf(body)
  const reason = words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`
  if (status === 413) return { kind: 'too-large', status, reason }
  const retryAfter = headers['retry-after']
  const afterMs = parseRetryAfter(String(retryAfter ?? ''), { nowMs, maximumMs: MAX_RETRY_AFTER_MS }) ?? 0
  const retry = (cause: Retry['cause'], advice = ''): Retry => {
    return { kind: 'retry', cause, status, reason: advice === '' ? reason : `${reason} (${advice})`, afterMs }
  }
  if (status >= 500 || TRANSIENT.has(status)) return retry('destination')
  // Redirects are not followed: they could send entries and token to any server. The URL is wrong, and a person has to fix it.
  if (status < 400) return retry('set-up', 'redirects are not followed')
  const advice = SET_UP[status]
  return advice === undefined ? { kind: 'refused', status, reason } : retry('set-up', advice)
}

/** What a 2xx means that is a page: of a login, or of a server that answers so to each path. Undefined for any other answer. */
export function readPage({ status, headers }: StatusAnswer): Retry | undefined {
  if (status < 200 || status >= 300 || !/\bhtml\b/i.test(String(headers['content-type'] ?? ''))) return undefined
  const reason = 'the answer is a page of HTML: this URL does not accept log entries'
  return { kind: 'retry', cause: 'set-up', status: 'HTML', reason, afterMs: 0 }
}

/** What the destination says, in one line, without characters that could fake another line. */
export function wordsOf(body: Uint8Array): string {
  return Buffer.from(body)
    .subarray(0, WORD_BYTES)
    .toString('utf8')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
}
