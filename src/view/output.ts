import type { Writable } from 'node:stream'
import { systemCode } from '../lib/errors.ts'

/** Error codes of a write to a closed pipe, as when `head` has ended. */
const goneCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])

/** Writes bytes one after another, and reports whether the output is still open. */
export interface Output {
  /** Resolves when the stream has taken the bytes: false if it is closed or the signal aborted, otherwise true. Rejects on other errors. */
  write(bytes: Uint8Array): Promise<boolean>
  readonly isReaderGone: boolean
}

/** An output over a stream, which the caller still owns. From here on, the stream's `error` events are handled. */
export function createOutput(stream: Writable, signal: AbortSignal): Output {
  // A failed write is reported to its callback as well; without a listener the event would end the process.
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

/** False if the stream is closed. True also if the signal aborts first: a paused reader must not keep the command from ending. */
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
