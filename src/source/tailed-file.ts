import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { readByThread } from '../lib/by-thread.ts'
import { endOfNuls, NUL } from '../lib/end-of-nuls.ts'
import { LoggyError } from '../lib/errors.ts'
import { fnv1a } from '../lib/fnv1a.ts'
import type { Settled } from '../model/checkpoint.ts'
import {
  FINGERPRINT_BYTES,
  fingerprintOf,
  isTooShort,
  MOST_NULS,
  seemsTimed,
  startTimeOf,
  WHOLE_LINE_BYTES,
} from './fingerprint.ts'
import type { Generation, Inode, KeyOf } from './generation.ts'

const NEWLINE = 0x0a
/** Maximum bytes of the time at the start of a line. */
const TIME_BYTES = 40
/** Bytes to read at once when looking for a line: backwards for the last one, or through NULs for the first. */
const LOOK_BYTES = 64 * 1024
/** Bytes. A file that was truncated and written again hardly has more of both without a look in between, and a new line just where it was left. */
const SMALL_BYTES = 64 * 1024
/** Bytes of the longest last line that is read again, to see whether the file is still the same. */
const MOST_AGAIN_BYTES = 1024
/** To compare a file's first line with. */
const compared = new Uint8Array(FINGERPRINT_BYTES)

/** The bytes of a first line that a key was made of. */
interface FirstLine {
  readonly key: string
  readonly bytes: Uint8Array
}

/**
 * One open plain log file. While it is open, device and inode identify it; a path never does.
 *
 * Only large reads go through the thread pool. To open a file, get its stats and read its first line takes
 * 10 µs; through the thread pool, 500 files took a quarter of a second of CPU.
 */
export class TailedFile implements Generation {
  readonly path: string
  readonly dev: number
  readonly ino: number
  key: string | undefined
  startedMs: number | undefined
  settled: Settled | undefined
  end: number | undefined
  order: number | undefined
  isOrderStored = false
  readonly changedMs: number
  offset = 0
  readonly #descriptor: number
  readonly #keyOf: KeyOf
  #lastByte = NEWLINE
  /** Of the last line that was read: its bytes, 0 if it is long or not whole, and their digest. */
  #lastLineBytes = 0
  #lastLineDigest = 0
  /** As it was read last; undefined: its key takes more bytes than are kept, or it has none. */
  #firstLine: FirstLine | undefined

  private constructor(path: string, descriptor: number, stats: Inode & { ctimeMs: number }, keyOf: KeyOf) {
    this.path = path
    this.dev = stats.dev
    this.ino = stats.ino
    this.changedMs = stats.ctimeMs
    this.#descriptor = descriptor
    this.#keyOf = keyOf
  }

  /** Throws the system's error, or NOT_A_FILE. Never blocks on a pipe. */
  static open(path: string, keyOf: KeyOf, from = path): TailedFile {
    const descriptor = openSync(from, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) throw new LoggyError('NOT_A_FILE', `${path} is not a regular file`)
      const file = new TailedFile(path, descriptor, stats, keyOf)
      file.key = file.#readKey()
      return file
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  async read(buffer: Uint8Array): Promise<Uint8Array> {
    const again = this.#againBytes(buffer)
    const bytesRead = await readByThread(this.#descriptor, buffer, this.offset - again)
    return this.#take(buffer.subarray(0, bytesRead), again)
  }

  /**
   * The same for bytes that were just written and are still in memory: it blocks for 5 µs, while the thread pool
   * takes 30 µs of CPU and 100 µs of time. Measured with a line per second in each of 500 files.
   */
  readCached(buffer: Uint8Array): Uint8Array {
    const again = this.#againBytes(buffer)
    const bytesRead = readSync(this.#descriptor, buffer, 0, buffer.length, this.offset - again)
    return this.#take(buffer.subarray(0, bytesRead), again)
  }

  /** How many bytes before the offset to read again: the last line, or the last byte. This shows at no cost whether the file has been rewritten. */
  #againBytes(buffer: Uint8Array): number {
    const isKnown = this.#lastLineBytes > 0 && this.#lastLineBytes < buffer.length / 2
    return isKnown ? this.#lastLineBytes : Math.min(this.offset, 1)
  }

  /** The bytes from the offset on: none if the file is another one by now. `again`: bytes before it. */
  #take(bytes: Uint8Array, again: number): Uint8Array {
    if (this.offset === 0) {
      // Truncated and written again since it was opened: these bytes are another file's.
      if (this.key !== undefined && this.#hasOtherKey()) return bytes.subarray(bytes.length)
      this.key ??= this.#keyIn(bytes)
      return bytes
    }
    // The first line, if there were only NULs before it.
    if (this.key === undefined && this.#lastByte === NUL && bytes.at(-1) !== NUL) this.key = this.#readKey()
    return bytes.subarray(this.#isAnother(bytes, again) ? bytes.length : again)
  }

  #isAnother(bytes: Uint8Array, again: number): boolean {
    if (bytes[again - 1] !== this.#lastByte) return true
    if (bytes.length === again) return false
    const isSmall = this.offset <= SMALL_BYTES
    if (again !== this.#lastLineBytes) return isSmall && this.#hasOtherKey()
    const isSameLine = fnv1a(bytes, 0, again) === this.#lastLineDigest
    // A line with a time stands nowhere else.
    if (isSameLine && (!isSmall || seemsTimed(bytes))) return false // usual
    return this.#hasOtherKey()
  }

  /** Whether it has another first line. If it has none, it was emptied behind what was read just now. */
  #hasOtherKey(): boolean {
    const key = this.key && this.#readKey()
    return key !== undefined && key !== this.key
  }

  get size(): number {
    return fstatSync(this.#descriptor).size
  }

  get lastByte(): number {
    return this.#lastByte
  }

  /**
   * A stored position is usually at the start of a line, after a newline or after NULs. A power cut may have removed the file's end
   * since then, or replaced it by NULs.
   */
  async resume(offset: number, lastByte = NEWLINE): Promise<boolean> {
    const around = new Uint8Array(2)
    const bytesRead = readSync(this.#descriptor, around, 0, around.length, Math.max(0, offset - 1))
    const [before, behind] = around
    const isBehindNuls = bytesRead > 1 && before === NUL && behind !== NUL
    if (offset > 0 && (bytesRead === 0 || (before !== lastByte && !isBehindNuls))) return false
    this.offset = offset
    this.#lastLineBytes = 0
    this.#lastByte = offset > 0 ? (before ?? lastByte) : lastByte
    return true
  }

  advance(consumed: Uint8Array): void {
    if (consumed.length === 0) return
    const start = startOfLastLine(consumed, this.#lastByte)
    this.#lastLineBytes = consumed.length - start
    this.#lastLineDigest = fnv1a(consumed, start)
    this.offset += consumed.length
    this.#lastByte = consumed[consumed.length - 1] as number
  }

  async identify(): Promise<void> {
    this.key ??= this.#readKey()
  }

  async modifiedMs(): Promise<number> {
    return fstatSync(this.#descriptor).mtimeMs
  }

  async unreadBytes(): Promise<number> {
    return Math.max(0, this.size - this.offset)
  }

  get unreadSinceMs(): number | undefined {
    const beginning = new Uint8Array(TIME_BYTES)
    const bytesRead = readSync(this.#descriptor, beginning, 0, beginning.length, this.offset)
    return startTimeOf(beginning.subarray(0, bytesRead))
  }

  async isNameless(): Promise<boolean> {
    return fstatSync(this.#descriptor).nlink === 0
  }

  /** Whether it was truncated, as by copytruncate. */
  isRewritten(): boolean {
    const { size } = this
    if (size === 0 && this.key !== undefined) return true // it had a line when it was opened
    if (size < this.offset || this.key === undefined) return size < this.offset
    // It has grown, perhaps after having been rewritten; or it may be just as large again.
    return (size > this.offset || this.offset <= SMALL_BYTES) && this.#readKey() !== this.key
  }

  async seekToEnd(): Promise<void> {
    const { size } = this
    this.#lastLineBytes = 0
    const buffer = new Uint8Array(LOOK_BYTES)
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - buffer.length)
      const bytesRead = await readByThread(this.#descriptor, buffer.subarray(0, end - start), start)
      const newline = buffer.lastIndexOf(NEWLINE, bytesRead - 1)
      if (newline >= 0) {
        this.offset = start + newline + 1
        return
      }
      end = start
    }
    this.offset = 0
  }

  openAgain(): TailedFile {
    return TailedFile.open(this.path, this.#keyOf, `/proc/self/fd/${this.#descriptor}`)
  }

  /** Must not be called during a read. */
  async close(): Promise<void> {
    closeSync(this.#descriptor)
  }

  #readKey(): string | undefined {
    // A digest takes ten times as long, and small files are asked at each read.
    if (this.#firstLine !== undefined && this.#beginsWith(this.#firstLine.bytes)) return this.#firstLine.key
    let beginning = this.#readAt(0, FINGERPRINT_BYTES)
    const start = beginning[0] === NUL ? this.#endOfNuls() : 0
    if (start > 0) beginning = this.#readAt(start, FINGERPRINT_BYTES)
    const isWhole = !isTooShort(beginning)
    const key = this.#keyIn(isWhole ? beginning : this.#readAt(start, WHOLE_LINE_BYTES))
    const isSimple = key !== undefined && isWhole && start === 0
    this.#firstLine = isSimple ? { key, bytes: firstLineOf(beginning) } : undefined
    return key
  }

  #beginsWith(bytes: Uint8Array): boolean {
    return readSync(this.#descriptor, compared, 0, bytes.length, 0) === bytes.length && startsWith(compared, bytes)
  }

  #readAt(at: number, byteCount: number): Uint8Array {
    const buffer = new Uint8Array(byteCount)
    return buffer.subarray(0, readSync(this.#descriptor, buffer, 0, byteCount, at))
  }

  /** The end of the NULs at its beginning, or of the part that was searched. */
  #endOfNuls(): number {
    const buffer = new Uint8Array(LOOK_BYTES)
    for (let at = 0; ; ) {
      const bytesRead = readSync(this.#descriptor, buffer, 0, buffer.length, at)
      const nuls = endOfNuls(buffer.subarray(0, bytesRead), 0)
      at += nuls
      if (nuls < buffer.length || at >= MOST_NULS) return at
    }
  }

  #keyIn(beginning: Uint8Array): string | undefined {
    const fingerprint = fingerprintOf(beginning)
    this.startedMs ??= startTimeOf(beginning)
    return fingerprint === undefined ? undefined : this.#keyOf(fingerprint)
  }
}

/** Where the last line begins: the end, if it is long, not whole, or has NULs, in place of which something may be written. `before`: the byte before all. */
function startOfLastLine(bytes: Uint8Array, before: number): number {
  const end = bytes.length
  if (bytes[end - 1] !== NEWLINE) return end
  const least = Math.max(0, end - MOST_AGAIN_BYTES)
  for (let at = end - 2; at >= least; at -= 1) {
    if (bytes[at] === NEWLINE) return at + 1
    if (bytes[at] === NUL) return end
  }
  return least === 0 && before === NEWLINE ? 0 : end
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  for (let at = 0; at < beginning.length; at += 1) if (bytes[at] !== beginning[at]) return false
  return true
}

/** With its newline, if that is among these bytes. */
function firstLineOf(beginning: Uint8Array): Uint8Array {
  const newline = beginning.indexOf(NEWLINE)
  return beginning.slice(0, newline < 0 ? beginning.length : newline + 1)
}
