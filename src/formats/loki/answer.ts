import type { Outcome, Receipt, Refusal, Sent, StatusAnswer } from '../../model/sink.ts'
import { readPage, readStatus, wordsOf } from '../http-status.ts'
import { parseRefusal } from './refusal.ts'
import { SentStreams } from './sent-streams.ts'

/** Loki's own status for tenants whose logs it does not take for a while, 260 by default so that clients do not try again (`block_ingestion_until`). */
const BLOCKED_STATUS = 260
const BLOCKED = /^ingestion blocked for user /
/** Of the distributor's message to an ingester, and of VictoriaLogs. */
const TOO_LARGE = /\b(?:message larger than max|body too large|too big data size)\b/
const STREAM_LIMIT = /^Maximum active stream limit exceeded/

const STREAM_ADVICE =
  'Loki has as many active streams as it allows: raise `max_global_streams_per_user` of its `limits_config`, or read fewer containers, each of which is a stream'
const BLOCKED_ADVICE = 'Loki takes nothing of this tenant: see `block_ingestion_until` of its `limits_config`'

/** What an answer of Loki's push API means. A 400 may be about a few entries only, of which it names some; the others are stored. */
export function readPush(answer: StatusAnswer, nowMs: number, sent: Sent): Outcome {
  const { status, body } = answer
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString()
  const setUp = (advice: string, afterMs = 0): Outcome => {
    return { kind: 'retry', cause: 'set-up', status, reason: `HTTP ${status}: ${advice}`, afterMs }
  }
  if (status === BLOCKED_STATUS || BLOCKED.test(text)) return setUp(BLOCKED_ADVICE)
  const outcome = readPage(answer) ?? readStatus(answer, nowMs)
  if (outcome.kind === 'accepted' || outcome.kind === 'too-large') return outcome
  if (status === 429 && STREAM_LIMIT.test(text))
    return setUp(STREAM_ADVICE, outcome.kind === 'retry' ? outcome.afterMs : 0)
  if ((status === 400 || status >= 500) && TOO_LARGE.test(text))
    return { kind: 'too-large', status, reason: `HTTP ${status}: ${wordsOf(body)}` }
  return status === 400 ? (readNamed(text, sent) ?? outcome) : outcome
}

/** Undefined for a 400 that is not about single entries. */
function readNamed(text: string, sent: Sent): Outcome | undefined {
  const refusal = parseRefusal(text)
  if (refusal === undefined) return undefined
  const streams = new SentStreams(sent)
  const status = 400
  if (streams.entryCount === 1)
    return { kind: 'receipts', receipts: [{ kind: 'rejected', place: 0, status, reason: refusal.reason }], afterMs: 0 }
  const fates = streams.fatesBy(refusal)
  const receipts = fates.flatMap((fate, place): Receipt[] => {
    if (fate.kind === 'stored') return []
    const said: Refusal = { status, reason: fate.kind === 'refused' ? fate.reason : refusal.reason }
    return [{ ...said, kind: fate.kind === 'refused' ? 'rejected' : 'untold', place }]
  })
  return receipts.length === 0 ? undefined : { kind: 'receipts', receipts, afterMs: 0 }
}
