import type { IncomingMessage } from 'node:http'
import { pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createUnzip, createZstdDecompress } from 'node:zlib'
import { systemCode } from '../lib/errors.ts'
import { parseError } from './answer.ts'

/** By content coding. Loggy asks for none of them, but some proxies compress everything. */
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createUnzip,
  'x-gzip': createUnzip,
  deflate: createUnzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}
/** Error codes of Node for bytes that are not in that coding; a stream that was cut off gives others. */
const invalidData = /^(Z_(?!BUF_ERROR)|ERR__ERROR_|ZSTD_)/

/**
 * The decompressed body of an answer, as it arrives. Throws the errors of the connection, and LoggyError `KUBE_PARSE` for an unknown
 * coding or for bytes that are invalid in it.
 */
export async function* bodyOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  const codings = (response.headers['content-encoding'] ?? '').toLowerCase().split(',')
  const named = codings.map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity')
  const transforms = named.reverse().map((coding) => decoders[coding] ?? unknown(response, coding))
  if (transforms.length === 0) return yield* response
  try {
    // The callback is needed: without one, an error would have no listener. The reader gets the error anyway.
    yield* pipeline([response, ...transforms.map((make) => make())], () => {}) as Transform
  } catch (error) {
    throw invalidData.test(systemCode(error) ?? '') ? parseError(`bytes that are no ${named.join(', ')}`, error) : error
  }
}

function unknown(response: IncomingMessage, coding: string): never {
  response.destroy()
  throw parseError(`an answer in the unknown coding ${coding}`)
}
