import { crc32 } from 'node:zlib'
import { type Constant, instantiate } from '../lib/wasm.ts'

/** What `assembly/gzip.ts` exports. */
interface GzipExports {
  readonly compress: (start: number, end: number, out: number, isLast: number) => number
  readonly FREE: Constant
}

/** Stands beside this file, or beside the program that this file was bundled into. */
const module = new URL('./gzip.wasm', import.meta.url)
const WASM_PAGE_BYTES = 65536
/** For tokens, places and codes: see assembly/. */
const TABLE_PAGES = 8
/** Bytes that are compressed at a time. Each piece has its beginning once more, about a thousandth of what comes out. */
const PIECE_BYTES = 512 * 1024
/** Room for block headers, and for what is loaded or stored beyond an end. */
const SPARE_BYTES = 4096
/** Deflate, no name, no time, the fastest way, an unknown system (RFC 1952). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff])
const TRAILER_BYTES = 8

/**
 * Compresses with the fewest CPU seconds, made for entries: most of their bytes are long matches, the metadata of the entry before. On 1 MiB of
 * entries it takes two thirds of zlib's time at level 1, and leaves as many bytes within 3 % (test/bench/compression.ts).
 */
export class Gzip {
  readonly #exports: GzipExports
  readonly #memory: Buffer
  readonly #in: number
  readonly #out: number

  /** Throws when the module was not built. */
  constructor() {
    const pages = Math.ceil((2 * (PIECE_BYTES + SPARE_BYTES)) / WASM_PAGE_BYTES) + TABLE_PAGES
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    this.#exports = instantiate(module, memory) as GzipExports
    this.#memory = Buffer.from(memory.buffer)
    this.#in = this.#exports.FREE.value
    this.#out = this.#in + PIECE_BYTES + SPARE_BYTES
    if (this.#out + PIECE_BYTES + SPARE_BYTES > this.#memory.length)
      throw new RangeError('the memory of gzip is too small')
  }

  /** One member of gzip. */
  compress(body: Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = [HEADER]
    let at = 0
    do {
      const end = Math.min(at + PIECE_BYTES, body.length)
      pieces.push(this.#compressPiece(body.subarray(at, end), end === body.length))
      at = end
    } while (at < body.length)
    const trailer = Buffer.allocUnsafe(TRAILER_BYTES)
    trailer.writeUInt32LE(crc32(body), 0)
    trailer.writeUInt32LE(body.length % 2 ** 32, 4)
    return Buffer.concat([...pieces, trailer])
  }

  #compressPiece(piece: Uint8Array, isLast: boolean): Uint8Array {
    this.#memory.set(piece, this.#in)
    const end = this.#exports.compress(this.#in, this.#in + piece.length, this.#out, Number(isLast))
    // A copy: the next piece takes its place.
    return Buffer.copyBytesFrom(this.#memory, this.#out, end - this.#out)
  }
}
