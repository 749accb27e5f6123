import type { IncomingMessage } from 'node:http'
import { pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createUnzip, createZstdDecompress } from 'node:zlib'
import { systemCode } from '../lib/errors.ts'
import { parseError } from './answer.ts'

/** By content coding. Nobody asks for any of them, but there are proxies that compress whatever passes. */
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createUnzip,
  'x-gzip': createUnzip,
  deflate: createUnzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}
/** What Node says of bytes that are not compressed so; a stream that was cut ends with others. */
const nonsense = /^(Z_(?!BUF_ERROR)|ERR__ERROR_|ZSTD_)/

/**
 * The body of an answer, uncompressed, as it arrives. Throws what the connection throws, and LoggyError `KUBE_PARSE` for a coding that
 * is not known and for bytes that make no sense in it.
 */
export async function* bodyOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  const codings = (response.headers['content-encoding'] ?? '').toLowerCase().split(',')
  const named = codings.map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity')
  const transforms = named.reverse().map((coding) => decoders[coding] ?? unknown(response, coding))
  if (transforms.length === 0) return yield* response
  try {
    // Without a callback for its end an error would have no listener; who reads is told of it anyway.
    yield* pipeline([response, ...transforms.map((make) => make())], () => {}) as Transform
  } catch (error) {
    throw nonsense.test(systemCode(error) ?? '') ? parseError(`bytes that are no ${named.join(', ')}`, error) : error
  }
}

function unknown(response: IncomingMessage, coding: string): never {
  response.destroy()
  throw parseError(`an answer in the unknown coding ${coding}`)
}
