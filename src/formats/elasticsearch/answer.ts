import { isObject, type JsonObject, parseObject } from '../../lib/json-object.ts'
import type { Outcome, Receipt, Retry, StatusAnswer } from '../../model/sink.ts'
import { readStatus, TRANSIENT, wordsOf } from '../http-status.ts'

/** Items that a person has to make possible: rights, an index that may be written and exists. */
const SET_UP = new Set([401, 403, 404, 405])
/** Of items with 400 that are not at fault themselves. */
const SET_UP_TYPES = new Set(['index_closed_exception', 'invalid_index_name_exception'])
/** `cluster.max_shards_per_node` is reached, `index.default_pipeline` is missing, an alias has no index to write to. */
const SET_UP_REASON = /shards open|^pipeline with id \[.*\] does not exist|no write index/
/** The index, or its data stream, was made by another item in the same moment. */
const RACE = 'resource_already_exists_exception'
/** Pipelines whose processors fail at a document answer 500 for it, each time. */
const DOCUMENT_TYPES = new Set(['fail_processor_exception', 'ingest_processor_exception', 'script_exception'])
/** A document with that id is there. */
const CONFLICT = 'version_conflict_engine_exception'

/** Of an item. */
interface Fault {
  readonly status: number
  readonly type: string
  readonly reason: string
}

/** What an answer of the bulk API means. A 200 says nothing by itself: each item has a status. */
export function readBulk(answer: StatusAnswer, entryCount: number, nowMs: number): Outcome {
  const { status, body } = answer
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString()
  const whole = parseObject(text)
  if (status < 200 || status >= 300) return readStatus({ ...answer, body: errorOf(whole) ?? body }, nowMs)
  const items = itemsOf(whole)
  // Servers that speak this protocol may leave out what `errors` says already.
  if (whole?.errors === false && items.length === 0) return { kind: 'accepted' }
  if (items.length !== entryCount) return unreadable(body, items.length, entryCount)
  const receipts = items.flatMap((item, place) => receiptOf(item, place) ?? [])
  return receipts.length === 0 ? { kind: 'accepted' } : { kind: 'receipts', receipts, afterMs: 0 }
}

/** What was sent may be stored: to send it again is safe, since it has ids. */
function unreadable(body: Uint8Array, found: number, wanted: number): Retry {
  const reason = `no answer of the bulk API, or not one for each of ${wanted} entries but for ${found}: ${wordsOf(body)}`
  return { kind: 'retry', cause: 'set-up', status: 'BAD_ANSWER', reason, afterMs: 0 }
}

function itemsOf(whole: JsonObject | undefined): readonly unknown[] {
  return Array.isArray(whole?.items) ? whole.items : []
}

/** Undefined for an item that is stored. */
function receiptOf(item: unknown, place: number): Receipt | undefined {
  const [result] = isObject(item) ? Object.values(item) : []
  const { status, error } = Object(result)
  if (typeof status !== 'number') {
    const reason = `an item without a status: ${wordsOf(Buffer.from(String(JSON.stringify(item))))}`
    return { kind: 'retry', cause: 'set-up', place, status: 'BAD_ANSWER', reason }
  }
  if (status >= 200 && status < 300) return undefined
  const { type, reason, caused_by } = Object(error)
  const cause = Object(caused_by).reason
  const fault = { status, type: textOf(type), reason: textOf(reason) }
  if (status === 409 && (fault.type === '' || fault.type === CONFLICT)) return undefined
  const words = [fault.type, withoutDocument(fault.reason), withoutDocument(textOf(cause))].filter((one) => one !== '')
  const said = { place, status, reason: wordsOf(Buffer.from(words.join(': '))) || `HTTP ${status}` }
  const again = causeOf(fault)
  return again === undefined ? { ...said, kind: 'rejected' } : { ...said, kind: 'retry', cause: again }
}

/** Why it is worth to send the item again; undefined if it is not. */
function causeOf({ status, type, reason }: Fault): Retry['cause'] | undefined {
  if (DOCUMENT_TYPES.has(type)) return undefined
  if (status >= 500 || TRANSIENT.has(status) || type === RACE) return 'destination'
  if (SET_UP.has(status) || SET_UP_TYPES.has(type) || (status === 400 && SET_UP_REASON.test(reason))) return 'set-up'
  return undefined
}

/** The same for all documents with that fault, and nothing of what a container wrote. */
function withoutDocument(reason: string): string {
  return reason
    .replace(/^\[\d+:\d+\] /, '') // line and column
    .replace(/ in document with id '[^']*'\.?/, '')
    .replace(/ Preview of field's value: .*$/s, '')
    .replace(/^For input string: .*$/s, 'not a number')
}

/** What is wrong with the request as a whole, in short. */
function errorOf(whole: JsonObject | undefined): Buffer | undefined {
  const error = whole?.error
  if (typeof error === 'string') return Buffer.from(error)
  const { type, reason } = Object(error)
  return typeof type === 'string' ? Buffer.from(`${type}: ${textOf(reason)}`) : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
