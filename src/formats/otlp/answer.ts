import { parseObject } from '../../lib/json-object.ts'
import type { Outcome, Receipt, StatusAnswer } from '../../model/sink.ts'
import { pageOfHtml } from '../html.ts'
import { readStatus, wordsOf } from '../http-status.ts'
import { fieldsOf } from './protobuf.ts'

/** Source: opentelemetry-proto, docs/specification.md, "Retryable Response Codes". */
const RETRYABLE = new Set([429, 502, 503, 504])
/**
 * The Collector says 400 to a body above its limit, which is 20 MiB, also unpacked; and 429 if the next server, reached by gRPC, has a lower
 * one (4 MiB by default): `grpc: received message larger than max (5242880 vs. 4194304)`.
 */
const TOO_LARGE = /\bbody too large\b|\bmessage larger than max\b/
const TOO_LARGE_STATUSES = new Set([400, 429])

/** `ExportLogsServiceResponse`: `partial_success`, and in that the number of records and the server's words. */
const PARTIAL_SUCCESS = 1
const REJECTED_RECORDS = 1
const ERROR_MESSAGE = 2
/** `google.rpc.Status`, the body of other answers. */
const STATUS_MESSAGE = 2

/** What a server answered with 2xx. */
interface Success {
  readonly rejectedCount: number
  readonly words: string
}

/** What an answer of an OTLP server means, by OTLP's rules, but for faults of the set-up: these are waited for, so that an expired token loses nothing. */
export function readOtlp(answer: StatusAnswer, entryCount: number, nowMs: number): Outcome {
  const { status, headers, body } = answer
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const type = String(headers['content-type'] ?? '')
  if (status < 200 || status >= 300) return readFailure(answer, messageIn(bytes, type), nowMs)
  const page = pageOfHtml(answer)
  if (page !== undefined) return page
  const { rejectedCount, words } = isJson(type) ? successInJson(bytes) : successIn(bytes)
  if (rejectedCount <= 0 && words === '') return { kind: 'accepted' }
  const refusal = { status, reason: wordsOf(Buffer.from(words)) || 'the server does not say why' }
  if (rejectedCount < entryCount) return { ...refusal, kind: 'partly', rejectedCount: Math.max(0, rejectedCount) }
  const receipts = Array.from({ length: entryCount }, (_, place): Receipt => ({ ...refusal, kind: 'rejected', place }))
  return { kind: 'receipts', receipts, afterMs: 0 }
}

function readFailure(answer: StatusAnswer, words: string, nowMs: number): Outcome {
  const { status } = answer
  const outcome = readStatus({ ...answer, body: Buffer.from(words) }, nowMs)
  if (outcome.kind !== 'retry' && outcome.kind !== 'refused') return outcome
  const { reason } = outcome
  if (TOO_LARGE_STATUSES.has(status) && TOO_LARGE.test(words)) return { kind: 'too-large', status, reason }
  const isFinal = outcome.kind === 'retry' && outcome.cause === 'destination' && !RETRYABLE.has(status)
  return isFinal ? { kind: 'refused', status, reason } : outcome
}

function successIn(body: Buffer): Success {
  const partial = fieldsOf(body)?.find(({ number }) => number === PARTIAL_SUCCESS)?.value
  const fields = partial instanceof Buffer ? (fieldsOf(partial) ?? []) : []
  const fieldOf = (field: number) => fields.find(({ number }) => number === field)?.value
  const [count, words] = [fieldOf(REJECTED_RECORDS), fieldOf(ERROR_MESSAGE)]
  return {
    rejectedCount: typeof count === 'bigint' ? Number(BigInt.asIntN(64, count)) : 0,
    words: words instanceof Buffer ? words.toString() : '',
  }
}

function successInJson(body: Buffer): Success {
  const { rejectedLogRecords, errorMessage } = Object(parseObject(body.toString())?.partialSuccess)
  // 64-bit numbers are texts in JSON.
  const count = Number(rejectedLogRecords ?? 0)
  return { rejectedCount: Number.isInteger(count) ? count : 0, words: String(errorMessage ?? '') }
}

/** What a `Status` says, in either form; else the body itself. */
function messageIn(body: Buffer, type: string): string {
  const message = isJson(type)
    ? parseObject(body.toString())?.message
    : fieldsOf(body)?.find(({ number }) => number === STATUS_MESSAGE)?.value
  return String(message instanceof Buffer || typeof message === 'string' ? message : body)
}

function isJson(type: string): boolean {
  return /\bjson\b/i.test(type)
}
