import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Answer, Ask, Fault, Format, Outcome, Request, Retry, StatusAnswer, Transport } from '../model/sink.ts'
import { type Compress, type Compression, compressor } from './compression.ts'
import type { Cut } from './cut.ts'
import { adviceFor } from './fault-advice.ts'
import type { Settled } from './outcome.ts'

export interface RequestsParts {
  readonly format: Format
  readonly transport: Transport
  readonly compression: Compression
  readonly clock: Clock
}

type Receipts = Extract<Outcome, { kind: 'receipts' }>

/** Connection faults that usually pass without anyone acting. */
const TRANSIENT = new Set(
  [
    'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH EAI_AGAIN HTTP_CUT',
    'PROXY_UNREACHABLE PROXY_408 PROXY_429 PROXY_500 PROXY_502 PROXY_503 PROXY_504',
  ].flatMap((codes) => codes.split(' ')),
)
/** Milliseconds between two questions that are not answered. */
const ASK_BACKOFF = { initialMs: 1000, maximumMs: 30_000 }
const TAKEN: Outcome = { kind: 'accepted' }

/** A request, and when it was made, in monotonic milliseconds; 0 if that does not matter. */
export interface Packed {
  readonly request: Request
  readonly madeMs: number
}

/** Builds requests from entries, sends each once, and returns the outcome. */
export class Requests {
  readonly #parts: RequestsParts
  readonly #compress: Compress | undefined
  readonly counters = { requests: 0, plainBytes: 0, packedBytes: 0 }

  constructor(parts: RequestsParts) {
    this.#parts = parts
    if (parts.compression !== 'none') this.#compress = compressor(parts.compression)
  }

  /** Frames and compresses the entries. Done per request, so that any entries of a batch can be one. */
  pack(cut: Cut, partition: string): Packed | Promise<Packed> {
    const { format, compression } = this.#parts
    const madeMs = format.requestMs === undefined ? 0 : this.#parts.clock.monotonic()
    const pieces = format.frame(cut.groups())
    const plain = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
    this.counters.plainBytes += plain.length
    // Not async: most sinks do not compress, and each await costs a batch some microseconds.
    if (this.#compress === undefined) return { request: this.#request(plain, partition, ''), madeMs }
    const packed = (body: Uint8Array) => ({ request: this.#request(body, partition, compression), madeMs })
    const body = this.#compress(plain)
    return body instanceof Promise ? body.then(packed) : packed(body)
  }

  /** Whether it may be sent as it is. */
  isCurrent({ madeMs }: Packed): boolean {
    const { format, clock } = this.#parts
    return format.requestMs === undefined || clock.monotonic() - madeMs < format.requestMs
  }

  #request(body: Uint8Array, partition: string, contentEncoding: string): Request {
    this.counters.packedBytes += body.length
    const { contentType, answerBytes } = this.#parts.format
    return { body, contentType, contentEncoding, partition, answerBytes }
  }

  /** Makes one try. Rejects when the signal aborts, or with the permanent failure of the transport. No promise if it was sent at once. */
  send(request: Request, cut: Cut, signal: AbortSignal): Settled | Ask | Promise<Settled | Ask> {
    const { packedBytes } = this.#parts.format.limits
    if (request.body.length > packedBytes)
      return { kind: 'too-large', status: 'TOO_LARGE', reason: `more than ${packedBytes} bytes` }
    const answer = this.#exchange(request, signal)
    return answer instanceof Promise ? this.#answered(answer, cut, signal) : this.#outcomeOf(answer, cut)
  }

  async #answered(answer: Promise<Answer>, cut: Cut, signal: AbortSignal): Promise<Settled | Ask> {
    const settled = await answer
    signal.throwIfAborted()
    return this.#outcomeOf(settled, cut)
  }

  #outcomeOf(answer: Answer, cut: Cut): Settled | Ask {
    const { format, clock } = this.#parts
    const outcome = understand(answer, (status) => format.read(status, cut, clock.now()))
    return outcome.kind === 'receipts' ? checked(outcome, cut.entryCount) : outcome
  }

  /**
   * Waits for receipts, as long as they may take. Rejects in the same way. To send the entries again now would store them twice. So the question is
   * repeated when no answer comes, and, after a call of `onFault`, when a person must act.
   */
  async receipts(
    first: Ask,
    entryCount: number,
    signal: AbortSignal,
    onFault?: (fault: Retry) => void,
  ): Promise<Settled> {
    const { clock } = this.#parts
    const untilMs = clock.monotonic() + first.forMs
    const backoff = new Backoff(ASK_BACKOFF)
    let [ask, faultMs] = [first, 0]
    while (clock.monotonic() < untilMs) {
      await clock.sleep(Math.max(ask.afterMs, faultMs), signal)
      const answer = await this.#exchange(ask.request, signal)
      signal.throwIfAborted()
      const outcome = understand(answer, (status) => ask.read(status, clock.now()))
      const isOfSetUp = outcome.kind === 'retry' && outcome.cause === 'set-up'
      if (answer.kind === 'fault' || (isOfSetUp && onFault !== undefined)) {
        if (outcome.kind === 'retry') onFault?.(outcome)
        faultMs = backoff.next()
        continue
      }
      if (outcome.kind === 'receipts') return checked(outcome, entryCount)
      if (outcome.kind !== 'ask') return outcome
      ;[ask, faultMs] = [outcome, 0]
    }
    const reason = `the destination has not confirmed in ${first.forMs / 1000} s that it has stored the entries`
    return { kind: 'retry', cause: 'destination', status: 'NOT_CONFIRMED', reason, afterMs: 0 }
  }

  /** Never throws: what a transport throws at once is rejected too, so that those who wait for answers have one way to learn of it. */
  #exchange(request: Request, signal: AbortSignal): Answer | Promise<Answer> {
    try {
      signal.throwIfAborted()
      this.counters.requests += 1
      return this.#parts.transport.send(request, signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

function understand(answer: Answer, read: (answer: StatusAnswer) => Outcome): Outcome {
  if (answer.kind === 'taken') return TAKEN
  return answer.kind === 'fault' ? outcomeOf(answer) : read(answer)
}

/** Sorts the receipts, one per entry. An answer about entries that were not sent counts as a failure. */
function checked(outcome: Receipts, entryCount: number): Receipts | Retry {
  const receipts = outcome.receipts.toSorted((a, b) => a.place - b.place)
  const isOfRequest = receipts.every(({ place }, index) => {
    return Number.isInteger(place) && place > (receipts[index - 1]?.place ?? -1) && place < entryCount
  })
  if (isOfRequest) return { ...outcome, receipts }
  const reason = 'the answer is about entries that were not sent'
  return { kind: 'retry', cause: 'set-up', status: 'BAD_RECEIPTS', reason, afterMs: outcome.afterMs }
}

function outcomeOf({ error, isTimeout }: Fault): Outcome {
  const status = systemCode(error) ?? 'other'
  // Of fewer entries there is less to say. One whose answer is too long by itself is at fault, like one that is refused.
  if (status === 'HTTP_TOO_LONG') return { kind: 'too-large', status, reason: describeError(error) }
  const cause = isTimeout ? 'timeout' : TRANSIENT.has(status) ? 'destination' : 'set-up'
  // If several addresses were tried, the error has a code but no message.
  const words = describeError(error) || status
  const advice = adviceFor(status)
  return { kind: 'retry', cause, status, reason: advice === '' ? words : `${words} (${advice})`, afterMs: 0 }
}
