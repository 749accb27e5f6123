import type { IncomingMessage } from 'node:http'
import { parseRetryAfter } from '../lib/retry-after.ts'
import { ApiError, MAX_RETRY_AFTER_MS, readStatus } from './api-error.ts'
import { bodyOf } from './body.ts'

/** Bytes of an error's body to read; a Status is far below 10 KB. */
const maximumErrorBytes = 1024 * 1024

/** The error in an unsuccessful answer. Reads the start of its body. `peer`: who has answered. */
export async function readRefusal(response: IncomingMessage, peer = 'the API server'): Promise<ApiError> {
  const code = response.statusCode ?? 0
  const text = await readStart(bodyOf(response))
  const status = readStatus(parsed(text), code)
  // The page of a proxy is no Status; then its first characters are the message.
  const message = status.message ?? (text.slice(0, 200).trim() || undefined)
  const retryAfter = retryAfterMs(response) ?? status.retryAfterMs
  return new ApiError({ ...status, code, message, retryAfterMs: retryAfter }, peer)
}

/** The body up to its maximum size, or to where the connection breaks. */
async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length > maximumErrorBytes) break
    }
  } catch (error) {
    if (chunks.length === 0) return error instanceof Error ? error.message : ''
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Kubernetes sends seconds. A proxy may send a date, which is compared with the answer's date, since the node's clock may be wrong. */
function retryAfterMs({ headers }: IncomingMessage): number | undefined {
  const nowMs = Date.parse(headers.date ?? '')
  return parseRetryAfter(headers['retry-after'], { nowMs, maximumMs: MAX_RETRY_AFTER_MS })
}
