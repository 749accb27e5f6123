import type { Writable } from 'node:stream'
import { systemCode } from '../lib/errors.ts'

/** Codes of a write whose reader has gone, as when `head` has seen enough. */
const goneCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])

/** Writes bytes one after another and tells whether anyone still reads them. */
export interface Output {
  /** Resolves when the stream has the bytes: true to go on, false when the reader is gone or the signal aborted. Rejects on other errors. */
  write(bytes: Uint8Array): Promise<boolean>
  readonly isReaderGone: boolean
}

/** An output over a stream, which stays the caller's. The stream's `error` events are taken care of from here on. */
export function createOutput(stream: Writable, signal: AbortSignal): Output {
  // A failed write reports to its callback too; without a listener the event would end the process.
  stream.on('error', () => {})
  let isReaderGone = false
  return {
    async write(bytes) {
      if (bytes.length > 0 && !signal.aborted && !isReaderGone)
        isReaderGone = !(await isTaken(bytes, { stream, signal }))
      return !isReaderGone && !signal.aborted
    },
    get isReaderGone() {
      return isReaderGone
    },
  }
}

/** False when there is no one to take the bytes. True also when the signal aborts first: a paused reader must not keep the view from ending. */
function isTaken(
  bytes: Uint8Array,
  { stream, signal }: { readonly stream: Writable; readonly signal: AbortSignal },
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(true)
    signal.addEventListener('abort', stop, { once: true })
    stream.write(bytes, (error) => {
      signal.removeEventListener('abort', stop)
      if (!error) resolve(true)
      else if (goneCodes.has(systemCode(error))) resolve(false)
      else reject(error)
    })
  })
}
