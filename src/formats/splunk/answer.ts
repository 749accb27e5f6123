import { type JsonObject, parseObject } from '../../lib/json-object.ts'
import type { Ask, Outcome, Receipt, Retry, StatusAnswer } from '../../model/sink.ts'
import { readPage, readStatus, TRANSIENT, wordsOf } from '../http-status.ts'

/** Bytes of an answer, all of which are short. */
export const ANSWER_BYTES = 1 << 16

/** Milliseconds between two questions whether a request is indexed, which takes seconds; the last one is that of Splunk's own clients. */
const POLLS_MS = [500, 1000, 2000, 4000, 10_000]
/** Milliseconds, as Splunk's own clients have it: docs.splunk.com, Data, "About HTTP Event Collector Indexer Acknowledgment". */
const POLL_FOR_MS = 300_000

const SUCCESS = 0
/** Codes that a person has to act on. Source: docs.splunk.com, Data, "Troubleshoot HTTP Event Collector", "Possible error codes" */
const SET_UP: Readonly<Record<number, string>> = {
  1: 'the token is disabled',
  2: 'there is no token: see sink.tokenFile',
  3: 'Splunk does not understand the Authorization header',
  4: 'Splunk does not know the token',
  5: 'the body is lost on the way',
  7: 'there is no such index, or the token may not write to it: see sink.index',
  10: 'the header X-Splunk-Request-Channel is lost on the way',
  11: 'Splunk does not understand the header X-Splunk-Request-Channel',
  14: 'the token has no indexer acknowledgement',
  16: 'Splunk does not take tokens in the URL',
  21: 'Splunk does not know the token',
  22: 'the token is disabled',
}
/** An event is at fault: it is no JSON, has no or an empty `event`, or its `fields` are not flat. */
const EVENT = new Set([6, 12, 13, 15])

/** What an answer says, in the words of the protocol. */
interface Hec {
  readonly code: number | undefined
  readonly text: string
  /** Index of the event at which reading ended. */
  readonly invalid: number | undefined
  readonly ackId: number | undefined
  /** There is an id, or something else in its place. */
  readonly hasAckId: boolean
}

/** Reads answers of the HTTP Event Collector. `ackUrl`: where to ask whether a request is indexed. */
export class HecAnswers {
  readonly #ackUrl: string
  /** The token has indexer acknowledgement: what is not confirmed may be lost. */
  #hasAcks = false

  constructor(ackUrl: string) {
    this.#ackUrl = ackUrl
  }

  read(answer: StatusAnswer, entryCount: number, nowMs: number): Outcome {
    const page = readPage(answer)
    if (page !== undefined) return page
    const hec = hecOf(answer.body)
    // A refusal has one too, of the events before the one at fault.
    if (hec.ackId !== undefined) this.#hasAcks = true
    const isSuccess = isOk(answer)
    if (isSuccess && hec.code === undefined) return unreadable(answer)
    if (isSuccess && hec.code === SUCCESS) {
      if (hec.ackId !== undefined) return this.#ask(hec.ackId, 0)
      return hec.hasAckId ? unreadable(answer) : { kind: 'accepted' }
    }
    const whole = failure(answer, hec, nowMs)
    const { invalid } = hec
    const isOfEvents = whole.kind === 'refused' || (whole.kind === 'retry' && whole.cause === 'destination')
    // The first one may stand for all: a proxy that spoils bodies makes Splunk answer so to each request.
    if (!invalid || invalid >= entryCount || !isOfEvents) return whole
    return this.#upTo(invalid, whole, { entryCount })
  }

  /**
   * Splunk reads events one after the other, and ends at the first that it cannot take: those before it are stored, those behind it are not.
   * Source: github.com/moby/moby/issues/35862, github.com/open-telemetry/opentelemetry-collector-contrib/issues/36113
   */
  #upTo(
    invalid: number,
    whole: Extract<Outcome, { kind: 'refused' | 'retry' }>,
    { entryCount }: { readonly entryCount: number },
  ): Outcome {
    const { status, reason } = whole
    const isAtFault = whole.kind === 'refused'
    const receipts = Array.from({ length: entryCount }, (_, place): Receipt[] => {
      // Nobody will say whether those before it are indexed.
      if (place < invalid && !this.#hasAcks) return []
      if (place === invalid && isAtFault) return [{ kind: 'rejected', place, status, reason }]
      return [{ kind: 'retry', cause: 'destination', place, status, reason }]
    }).flat()
    return { kind: 'receipts', receipts, afterMs: whole.kind === 'retry' ? whole.afterMs : 0 }
  }

  #ask(ackId: number, tries: number): Ask {
    return {
      kind: 'ask',
      request: {
        url: this.#ackUrl,
        body: Buffer.from(JSON.stringify({ acks: [ackId] })),
        contentType: 'application/json',
        contentEncoding: '',
        partition: '',
        answerBytes: ANSWER_BYTES,
      },
      afterMs: POLLS_MS[tries] ?? Number(POLLS_MS.at(-1)),
      forMs: POLL_FOR_MS,
      read: (answer, nowMs) => {
        if (isOk(answer)) {
          const acks: unknown = parsed(answer.body)?.acks
          if (typeof acks !== 'object' || acks === null) return unreadable(answer)
          return Object(acks)[ackId] === true ? { kind: 'accepted' } : this.#ask(ackId, tries + 1)
        }
        if (answer.status >= 500 || TRANSIENT.has(answer.status)) return this.#ask(ackId, tries + 1)
        return failure(answer, hecOf(answer.body), nowMs)
      },
    }
  }
}

function isOk({ status }: StatusAnswer): boolean {
  return status >= 200 && status < 300
}

function parsed(body: Uint8Array): JsonObject | undefined {
  return parseObject(Buffer.from(body).toString())
}

function hecOf(body: Uint8Array): Hec {
  const whole = parsed(body)
  const countOf = (name: string) => {
    const value = whole?.[name]
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
  }
  const [code, invalid, ackId] = [countOf('code'), countOf('invalid-event-number'), countOf('ackId')]
  const hasAckId = whole?.ackId !== undefined && whole.ackId !== null
  return { code, invalid, ackId, hasAckId, text: typeof whole?.text === 'string' ? whole.text : '' }
}

/** What was sent may be stored. */
function unreadable({ body }: StatusAnswer): Retry {
  const reason = `no answer of Splunk's HTTP Event Collector: ${wordsOf(body)}`
  return { kind: 'retry', cause: 'set-up', status: 'BAD_ANSWER', reason, afterMs: 0 }
}

function failure(answer: StatusAnswer, { code, text }: Hec, nowMs: number): Outcome {
  if (code === undefined) return readStatus(answer, nowMs)
  const words = `${text} (code ${code})`
  const status = `HEC ${code}`
  const advice = SET_UP[code]
  if (advice !== undefined)
    return { kind: 'retry', cause: 'set-up', status, reason: `${wordsOf(Buffer.from(words))}: ${advice}`, afterMs: 0 }
  if (EVENT.has(code)) return { kind: 'refused', status, reason: wordsOf(Buffer.from(words)) }
  // Other codes say what the status says: busy, shutting down, full.
  const outcome = readStatus({ ...answer, body: Buffer.from(words) }, nowMs)
  if (outcome.kind !== 'accepted') return outcome
  return { kind: 'retry', cause: 'destination', status, reason: wordsOf(Buffer.from(words)), afterMs: 0 }
}
