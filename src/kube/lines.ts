import { LoggyError } from '../lib/errors.ts'

/** Bytes. etcd stores objects up to about 1.5 MB; a line far longer than that is no event. */
const maximumLineBytes = 32 * 1024 * 1024

/**
 * Yields the lines of a stream as text, without their newlines. Bytes after the last newline are dropped: they are an incomplete
 * event. Throws the stream's errors, and LoggyError `KUBE_PARSE` for a line that is too long.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // Joined before they are decoded, since a character may be split between chunks.
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8')
      pending = []
      pendingBytes = 0
      start = end + 1
    }
    if (start < chunk.length) pending.push(chunk.subarray(start))
    pendingBytes += chunk.length - start
    if (pendingBytes > maximumLineBytes)
      throw new LoggyError('KUBE_PARSE', `a line of a watch is over ${maximumLineBytes} bytes`)
  }
}
