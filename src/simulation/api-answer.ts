import type { ServerResponse } from 'node:http'
import type { ApiVerb } from './api-request.ts'
import { type StatusFields, statusObject, usualStatus } from './api-status.ts'

/** A failure to answer with instead of the normal answer. */
export interface PlannedFailure {
  readonly status: number
  readonly verb?: ApiVerb
  readonly retryAfterSeconds?: number
  /** Sent instead of a Status object. */
  readonly body?: string
}

/** Bytes. Go's server sends a Content-Length if the body fits into its buffer, which has this size. */
const maximumKnownLength = 2048

/** Sends JSON and a newline. */
export function send(response: ServerResponse, { code, body }: { readonly code: number; readonly body: object }): void {
  const text = `${JSON.stringify(body)}\n`
  const length = Buffer.byteLength(text)
  if (length <= maximumKnownLength) response.setHeader('Content-Length', length)
  response.writeHead(code)
  response.end(text)
}

/** Sends a Status object. */
export function sendStatus(response: ServerResponse, status: StatusFields): void {
  send(response, { code: status.code, body: statusObject(status) })
}

/** Sends a planned failure. */
export function sendFailure(response: ServerResponse, { status, retryAfterSeconds, body }: PlannedFailure): void {
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', `${retryAfterSeconds}`)
  if (body === undefined) {
    sendStatus(response, usualStatus(status))
    return
  }
  response.writeHead(status)
  response.end(body)
}
