import type { Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Clock } from '../lib/clock.ts'
import { endOfNuls, NUL } from '../lib/end-of-nuls.ts'
import { LoggyError, systemCode } from '../lib/errors.ts'
import type { Settled } from '../model/checkpoint.ts'
import {
  FINGERPRINT_BYTES,
  fingerprintOf,
  isTooShort,
  MOST_NULS,
  startTimeOf,
  WHOLE_LINE_BYTES,
} from './fingerprint.ts'
import type { Generation } from './generation.ts'
import type { OpenContext } from './open-context.ts'

/** Milliseconds after which a file that cannot be decompressed is damaged, not just incomplete. */
const WHOLE_AFTER_MS = 10_000

/** Bytes to read at once: of compressed data, and of decompressed data when looking for the first line after NULs. */
const PIECE_BYTES = 64 * 1024

/** Bytes at the end of a gzip file with its uncompressed length, modulo 4 GiB (RFC 1952). */
const LENGTH_BYTES = 4

/**
 * A rotated file that the kubelet has compressed, read as the original bytes: positions in the plain file are valid here.
 * A `.gz` gets its name about 1 ms before it is complete; reading it too early rejects, and a later try succeeds.
 * If it stays unreadable, reading rejects with DAMAGED_FILE.
 */
export class CompressedFile implements Generation {
  readonly path: string
  readonly dev: number
  readonly ino: number
  key: string | undefined
  startedMs: number | undefined
  settled: Settled | undefined
  end: number | undefined
  order: number | undefined
  isOrderStored = false
  /** The time of compression means nothing: the kubelet compresses later, in the order of names. */
  readonly changedMs = undefined
  offset = 0
  /** Unknown until all of it is read. */
  readonly size = undefined
  readonly lastByte = undefined
  readonly #handle: FileHandle
  readonly #clock: Clock
  #chunks: AsyncIterator<Buffer> | undefined
  /** Decompressed bytes that are not consumed yet, and their offset. */
  #window = Buffer.alloc(0)
  #windowOffset = 0
  #isAtEnd = false

  private constructor(path: string, handle: FileHandle, { stats, clock }: { stats: Stats; clock: Clock }) {
    this.path = path
    this.#handle = handle
    this.#clock = clock
    this.dev = stats.dev
    this.ino = stats.ino
  }

  /** Reads as much as the fingerprint needs. Rejects with the system's or zlib's error. */
  static async open(path: string, { keyOf, clock }: OpenContext): Promise<CompressedFile> {
    const handle = await open(path, 'r')
    const file = new CompressedFile(path, handle, { stats: await handle.stat(), clock })
    try {
      const beginning = await file.#readFirstLine()
      const fingerprint = fingerprintOf(beginning)
      file.startedMs = startTimeOf(beginning)
      file.key = fingerprint === undefined ? undefined : keyOf(fingerprint)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async resume(offset: number): Promise<boolean> {
    this.offset = offset
    return true
  }

  advance(consumed: Uint8Array): void {
    this.offset += consumed.length
  }

  async read(buffer: Uint8Array): Promise<Uint8Array> {
    try {
      await this.#fill(buffer.length)
    } catch (error) {
      this.#rewind()
      const { mtimeMs } = await this.#handle.stat()
      if (!systemCode(error)?.startsWith('Z_') || this.#isYoung(mtimeMs)) throw error
      throw new LoggyError('DAMAGED_FILE', `${this.path} cannot be unzipped`, { cause: error })
    }
    const bytes = this.#window.subarray(0, buffer.length)
    buffer.set(bytes)
    return buffer.subarray(0, bytes.length)
  }

  readCached(): undefined {}

  isRewritten(): boolean {
    return false // compressed files are never written to again
  }

  openAgain(): undefined {}

  async seekToEnd(): Promise<void> {
    this.offset += await this.unreadBytes()
  }

  async modifiedMs(): Promise<number> {
    return (await this.#handle.stat()).mtimeMs
  }

  get unreadSinceMs(): number | undefined {
    return this.startedMs
  }

  async unreadBytes(): Promise<number> {
    const { size } = await this.#handle.stat()
    const { buffer, bytesRead } = await this.#handle.read(
      Buffer.alloc(LENGTH_BYTES),
      0,
      LENGTH_BYTES,
      size - LENGTH_BYTES,
    )
    return bytesRead < LENGTH_BYTES ? 0 : Math.max(0, buffer.readUInt32LE() - this.offset)
  }

  async identify(): Promise<void> {} // the file was complete when it was opened

  async isNameless(): Promise<boolean> {
    return (await this.#handle.stat()).nlink === 0
  }

  async close(): Promise<void> {
    this.#rewind()
    await this.#handle.close()
  }

  /** The first line, up to the bytes that the fingerprint uses; with the NULs before it, if there are not too many. */
  async #readFirstLine(): Promise<Uint8Array> {
    const bytes = await this.#readBeginning()
    if (bytes[0] !== NUL) return bytes
    const buffer = new Uint8Array(PIECE_BYTES)
    for (let nuls = buffer.length; nuls === buffer.length && this.offset < MOST_NULS; ) {
      nuls = endOfNuls(await this.read(buffer), 0)
      this.advance(buffer.subarray(0, nuls))
    }
    const firstLine = await this.#readBeginning()
    this.#rewind()
    this.offset = 0
    return firstLine
  }

  async #readBeginning(): Promise<Uint8Array> {
    const beginning = await this.read(new Uint8Array(FINGERPRINT_BYTES))
    return isTooShort(beginning) ? this.read(new Uint8Array(WHOLE_LINE_BYTES)) : beginning
  }

  /** Fills the window with `byteCount` bytes from `offset`, or with all that are left. */
  async #fill(byteCount: number): Promise<void> {
    this.#chunks ??= this.#decompress()
    for (;;) {
      const consumed = Math.min(this.offset - this.#windowOffset, this.#window.length)
      this.#window = this.#window.subarray(consumed)
      this.#windowOffset += consumed
      if (this.#isAtEnd || (this.#windowOffset === this.offset && this.#window.length >= byteCount)) return
      const { done, value } = await this.#chunks.next()
      if (done) this.#isAtEnd = true
      else this.#window = Buffer.concat([this.#window, value])
    }
  }

  #decompress(): AsyncIterator<Buffer> {
    const unzip = createGunzip()
    // The iterator throws the errors of both streams.
    pipeline(this.#compressed(), unzip, () => {})
    return unzip[Symbol.asyncIterator]()
  }

  /** Not the handle's own stream: if it is left before its end, it closes the handle even without `autoClose`. Seen with Node 26. */
  async *#compressed(): AsyncGenerator<Buffer> {
    for (let at = 0; ; ) {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  /** A time in the future (the clock was set back) does not count, otherwise the wait could be long. */
  #isYoung(mtimeMs: number): boolean {
    const ageMs = this.#clock.now() - mtimeMs
    return ageMs >= 0 && ageMs < WHOLE_AFTER_MS
  }

  #rewind(): void {
    void this.#chunks?.return?.()
    this.#chunks = undefined
    this.#window = Buffer.alloc(0)
    this.#windowOffset = 0
    this.#isAtEnd = false
  }
}
