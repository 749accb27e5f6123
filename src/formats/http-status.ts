import { parseRetryAfter } from '../lib/retry-after.ts'
import type { Outcome, Retry, StatusAnswer } from '../model/sink.ts'

/** Bytes of an answer's body that are shown to people. */
const WORD_BYTES = 256

/** Milliseconds. A longer `Retry-After` is cut to this: the node's disk does not keep the lines for ever. */
const MAX_RETRY_AFTER_MS = 60_000
/** RFC 9110: the destination, or the way to it, is at fault for now. */
const TRANSIENT = new Set([408, 425, 429])

/** What a person has to mend: statuses that mean the request, whatever entries are in it. */
const SET_UP: Readonly<Record<number, string>> = {
  401: 'the credentials are missing or wrong',
  403: 'the credentials may not write there',
  404: 'nothing takes entries at this address',
  405: 'the address takes no POST',
  406: 'the destination does not answer as it is asked to',
  407: 'the proxy wants credentials',
  410: 'nothing takes entries at this address any more',
  411: 'the destination wants another way of sending the length',
  414: 'the address is too long',
  415: 'the destination does not understand the content type or the compression',
  417: 'the destination does not do what a header asks for',
  421: 'another server answers at this address',
  426: 'the destination wants another protocol',
  431: 'the headers are too long',
  451: 'the destination is not allowed to answer',
}

/** What an HTTP status means where nothing of the body is needed. `nowMs` is the time of day, for a `Retry-After` that is a date. */
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
  // A redirect is not followed: it would send entries and token to whomever it names. The URL is wrong, and a person mends it.
  if (status < 400) return retry('set-up', 'redirects are not followed')
  const advice = SET_UP[status]
  return advice === undefined ? { kind: 'refused', status, reason } : retry('set-up', advice)
}

/** One line of what a destination says, without what could forge another. */
function wordsOf(body: Uint8Array): string {
  return Buffer.from(body)
    .subarray(0, WORD_BYTES)
    .toString('utf8')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
}
