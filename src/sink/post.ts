import * as http from 'node:http'
import * as https from 'node:https'
import { systemCode } from '../lib/errors.ts'
import { SinkError } from './sink-error.ts'
import type { Answer } from './verdict.ts'

/** What came of a request: an answer, or what kept it from coming. */
export type Reply =
  | { readonly is: 'answer'; readonly answer: Answer }
  | {
      readonly is: 'fault'
      readonly error: unknown
      /** The other side had closed a kept-alive connection at the moment it was used again: no sign of trouble. */
      readonly isStale: boolean
    }

/** Bytes of an answer that are read. What is longer ends the connection. */
const MAX_ANSWER_BYTES = 1 << 16
const WORD_BYTES = 256

export interface PostRequest {
  readonly body: Uint8Array
  readonly options: https.RequestOptions
  /** Ends the request; its reason becomes the fault. One that has aborted already is thrown. */
  readonly signal: AbortSignal
}

/**
 * Sends one request, without redirects. The body is not read any more when it resolves. A 2xx counts once the answer is whole and
 * all of the body is sent: a destination that fails after its headers can only say so by cutting the answer off.
 */
export function post(url: URL, { body, options, signal }: PostRequest): Promise<Reply> {
  signal.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<Reply>()
  const request = (url.protocol === 'https:' ? https : http).request(url, { ...options, method: 'POST' })
  let response: http.IncomingMessage | undefined
  let answer: Answer | undefined
  const settle = (reply: Reply) => {
    signal.removeEventListener('abort', onAbort)
    if (!request.writableFinished || !response?.complete) request.destroy()
    resolve(reply)
  }
  const fail = (fault: unknown) => {
    const error = signal.aborted ? signal.reason : fault
    // A refusal often comes, and ends the connection, while the body is still being sent.
    if (answer !== undefined && !isAccepted(answer)) return settle({ is: 'answer', answer })
    const isReset = systemCode(error) === 'ECONNRESET' || systemCode(error) === 'EPIPE'
    settle({ is: 'fault', error, isStale: request.reusedSocket && answer === undefined && isReset })
  }
  const onAbort = () => request.destroy(signal.reason)
  signal.addEventListener('abort', onAbort)
  request.on('error', fail)
  request.on('close', () => fail(new SinkError('HTTP_CUT', 'the connection ended before the whole answer had come')))
  request.on('response', (incoming) => {
    response = incoming
    incoming.on('error', fail)
    readAnswer(incoming, (read, isWhole) => {
      answer = read
      if (!isWhole) return
      if (request.writableFinished || !isAccepted(read)) settle({ is: 'answer', answer: read })
      else request.once('finish', () => settle({ is: 'answer', answer: read }))
    })
  })
  request.end(body)
  return promise
}

function isAccepted({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** Tells of the answer when its head has come, and again when it is whole or as much of it is read as will be. */
function readAnswer(response: http.IncomingMessage, tell: (answer: Answer, isWhole: boolean) => void): void {
  const start: Buffer[] = []
  let byteCount = 0
  const answer = () => ({
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    words: wordsOf(Buffer.concat(start)),
  })
  response.on('data', (bytes: Buffer) => {
    if (byteCount < WORD_BYTES) start.push(bytes)
    byteCount += bytes.length
    if (byteCount <= MAX_ANSWER_BYTES) return
    response.pause()
    tell(answer(), true)
  })
  response.on('end', () => tell(answer(), true))
  tell(answer(), false)
}

/** One line of what a destination says, without what could forge another. */
function wordsOf(bytes: Buffer): string {
  return bytes
    .subarray(0, WORD_BYTES)
    .toString('utf8')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
}
