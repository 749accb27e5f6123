import http from 'node:http'
import https from 'node:https'
import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'
import type { Fault, StatusAnswer } from '../model/sink.ts'

/** The result of a post. */
export type Reply =
  | StatusAnswer
  | Fault
  /**
   * The server had closed an idle keep-alive connection just when it was reused, or it sent the rest of an earlier response there, such as
   * the body that some send after a 204. No sign of trouble.
   */
  | { readonly kind: 'stale'; readonly error: unknown }

/** Bytes and milliseconds to wait for the rest of a response whose status is enough: for the log, and to reuse the connection. */
const IDLE_BYTES = 1 << 16
const IDLE_MS = 1000
/** A reason that is no error: making one, with its stack, costs as much as a third of a request. */
export const OVER = 'over'
/** Bytes of that rest to keep for the log. */
const WORD_BYTES = 256

export interface PostRequest {
  readonly body: Uint8Array
  /** Bytes of the response body that are needed; 0: the status is enough. */
  readonly answerBytes: number
  readonly options: https.RequestOptions
  /** Cancels the request; its reason becomes the fault. If already aborted, `post` throws the reason. */
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** The part of a response that has arrived. */
interface Arrival {
  readonly response: http.IncomingMessage
  readonly start: Buffer[]
  byteCount: number
}

/**
 * Sends one request and follows no redirects. The body buffer is not used any more once this resolves.
 *
 * - A 2xx counts only when the whole body is sent and the response is complete: a destination that fails after its headers can report this
 *   only by cutting the response off. If the status is enough, a response may also be malformed, too long or endless.
 * - For other statuses the headers are enough: a refusal often comes, and ends the connection, while the body is still being sent.
 */
export function post(url: URL, { body, answerBytes, options, signal, clock }: PostRequest): Promise<Reply> {
  signal.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<Reply>()
  const request = (url.protocol === 'https:' ? https : http).request(url, { ...options, method: 'POST' })
  let over: AbortController | undefined
  let isSettled = false
  let arrival: Arrival | undefined
  const settle = (reply: Reply) => {
    isSettled = true
    signal.removeEventListener('abort', onAbort)
    over?.abort(OVER)
    if (!request.writableFinished || !arrival?.response.complete) request.destroy()
    resolve(reply)
  }
  /** Settles by the status, as soon as the whole body is sent. */
  const decide = ({ response, start }: Arrival) => {
    const { statusCode: status = 0, headers } = response
    const answer = { kind: 'status', status, headers, body: Buffer.concat(start) } as const
    if (request.writableFinished || !isAccepted(status)) settle(answer)
    else request.once('finish', () => settle(answer))
  }
  const fail = (fault: unknown) => {
    const error = signal.aborted ? signal.reason : fault
    const code = systemCode(error) ?? ''
    if (arrival === undefined) {
      const isStale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_'))
      settle(isStale ? { kind: 'stale', error } : { kind: 'fault', error, isTimeout: code === 'HTTP_TIMEOUT' })
    } else if (!isAccepted(arrival.response.statusCode) || (answerBytes === 0 && code.startsWith('HPE_')))
      decide(arrival)
    else settle({ kind: 'fault', error, isTimeout: code === 'HTTP_TIMEOUT' })
  }
  const onAbort = () => {
    request.destroy(signal.reason)
    // While a proxy makes the connection nothing else tells.
    if (request.socket === null) fail(signal.reason)
  }
  signal.addEventListener('abort', onAbort)
  request.on('error', fail)
  request.on('close', () => {
    if (!isSettled) fail(new SinkError('HTTP_CUT', 'the connection ended before the whole answer had come'))
  })
  request.on('response', (response) => {
    const here: Arrival = { response, start: [], byteCount: 0 }
    arrival = here
    const isNeeded = answerBytes > 0 && isAccepted(response.statusCode)
    response.on('error', fail)
    response.on('end', () => decide(here))
    response.on('data', (bytes: Buffer) => {
      if (here.byteCount < Math.max(answerBytes, WORD_BYTES)) here.start.push(bytes)
      here.byteCount += bytes.length
      if (here.byteCount <= Math.max(answerBytes, IDLE_BYTES)) return
      response.pause()
      if (isNeeded) fail(new SinkError('HTTP_TOO_LONG', `an answer of more than ${answerBytes} bytes`))
      else decide(here)
    })
    if (isNeeded || response.complete) return
    over = new AbortController()
    void clock.sleep(IDLE_MS, over.signal).then(() => isSettled || decide(here))
  })
  request.end(body)
  return promise
}

function isAccepted(status = 0): boolean {
  return status >= 200 && status < 300
}
