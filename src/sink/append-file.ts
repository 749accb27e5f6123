import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  stat,
  statSync,
  write,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Log, SinkFault } from '../model.ts'
import { Trouble } from './trouble.ts'
import { untilAborted } from './until-aborted.ts'

/** When a file is set aside as `.1`, the one before as `.2`, and so on. */
export interface Rotation {
  /** Of the file that is written; a single batch may be larger. 0 never rotates. */
  readonly maxBytes: number
  /** Files that are kept besides the one that is written; at least 1. */
  readonly keep: number
  /** Told of the bytes that a rotation deletes. */
  readonly onDelete?: (bytes: number) => void
}

/** How a file is appended to. */
export interface AppendOptions {
  readonly rotate: Rotation
  /** Whether bytes count as written only when the disk has them. Without it a power cut can take acked entries; a kill cannot. */
  readonly fsync: boolean
}

export interface AppendParts {
  readonly clock: Clock
  readonly log: Log
  /** Ends all appends; its reason is what they reject with. */
  readonly signal: AbortSignal
}

interface OpenFile {
  readonly descriptor: number
  readonly device: bigint
  readonly inode: bigint
}

const LINE_FEED = 0x0a
const TAIL_BYTES = 1 << 16

const writeOnce = promisify(write)
const sync = promisify(fdatasync)
const statOf = promisify(stat)

/**
 * Whole lines appended to a file that others may rename or remove at any time. A fault (full disk, no right …) is reported once
 * and tried again for as long as it takes.
 */
export class AppendFile {
  readonly #path: string
  readonly #options: AppendOptions
  readonly #parts: AppendParts
  readonly #trouble: Trouble
  #file: OpenFile | undefined
  /** Bytes of the lines at hand that the file has. */
  #written = 0
  #last: Promise<void> = Promise.resolve()

  constructor(path: string, options: AppendOptions, parts: AppendParts) {
    this.#path = path
    this.#options = options
    this.#parts = parts
    this.#trouble = new Trouble(parts)
  }

  /**
   * Opens the file, and makes its folder when there is none. An unfinished last line, which a kill in the middle of a write
   * left, was never acked and is cut off. Throws the system's error.
   */
  open(): OpenFile {
    mkdirSync(dirname(this.#path), { recursive: true })
    const descriptor = openSync(this.#path, 'a', 0o640)
    try {
      const { dev, ino, size } = fstatSync(descriptor, { bigint: true })
      if (size > 0n) cutUnfinishedLine(this.#path, descriptor, Number(size))
      // Without this a power cut could take the new file's name, and all of it.
      else if (this.#options.fsync) syncDirectory(dirname(this.#path))
      this.#file = { descriptor, device: dev, inode: ino }
      return this.#file
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  /** Tries that failed, each of which is followed by another. */
  get retryCount(): number {
    return this.#trouble.failureCount
  }

  get fault(): SinkFault | undefined {
    return this.#trouble.fault
  }

  /** Resolves when the file has the lines. They are written one call after the other: two writes at once could mix their lines. */
  append(lines: Uint8Array): Promise<void> {
    this.#last = this.#last.then(() => this.#append(lines))
    return untilAborted(this.#last, this.#parts.signal)
  }

  /** Resolves when nothing is written any more. The signal must have been aborted. */
  async close(): Promise<void> {
    // Only then: another file could get the number of a descriptor that is still written to.
    await Promise.allSettled([this.#last])
    if (this.#file !== undefined) closeSync(this.#file.descriptor)
    this.#file = undefined
  }

  async #append(lines: Uint8Array): Promise<void> {
    const { signal, clock } = this.#parts
    const backoff = new Backoff({ initialMs: 100, maximumMs: 10_000 })
    this.#written = 0
    for (;;) {
      signal.throwIfAborted()
      try {
        await this.#writeRest(lines)
        this.#trouble.end({ path: this.#path })
        return
      } catch (cause) {
        const fields = { path: this.#path, error: describeError(cause) }
        const message = 'cannot write entries; trying on'
        this.#trouble.report(systemCode(cause) ?? 'other', 'error', { message, fields })
        await clock.sleep(backoff.next(), signal)
      }
    }
  }

  /** Goes on where the last try stopped. */
  async #writeRest(lines: Uint8Array): Promise<void> {
    await this.#leaveMovedFile(lines)
    if (this.#written === 0) this.#rotateFor(lines.length)
    const { descriptor } = this.#file ?? this.open()
    while (this.#written < lines.length) {
      const rest = lines.length - this.#written
      this.#written += (await writeOnce(descriptor, lines, this.#written, rest, null)).bytesWritten
    }
    if (!this.#options.fsync) return
    try {
      await sync(descriptor)
    } catch (error) {
      // The kernel may have dropped what it could not write and call the next sync a success, so all of it is written anew.
      this.#written = 0
      throw error
    }
  }

  /** logrotate, or a person who frees a full disk, has put another file or none at the path: the next line starts there. */
  async #leaveMovedFile(lines: Uint8Array): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    const now = await this.#statOfPath()
    if (now?.dev === file.device && now.ino === file.inode) return
    const tornBytes = this.#written - startOfLine(lines, this.#written)
    this.#written -= tornBytes
    this.#file = undefined
    try {
      if (tornBytes > 0) ftruncateSync(file.descriptor, fstatSync(file.descriptor).size - tornBytes)
    } finally {
      closeSync(file.descriptor)
    }
  }

  async #statOfPath() {
    try {
      return await statOf(this.#path, { bigint: true })
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  #rotateFor(byteCount: number): void {
    const { maxBytes, keep, onDelete } = this.#options.rotate
    if (maxBytes === 0 || this.#file === undefined) return
    const { size } = fstatSync(this.#file.descriptor)
    if (size === 0 || size + byteCount <= maxBytes) return
    const oldest = statSync(`${this.#path}.${keep}`, { throwIfNoEntry: false })
    for (let age = keep - 1; age >= 1; age -= 1) {
      if (existsSync(`${this.#path}.${age}`)) renameSync(`${this.#path}.${age}`, `${this.#path}.${age + 1}`)
    }
    renameSync(this.#path, `${this.#path}.1`)
    if (oldest !== undefined) onDelete?.(oldest.size)
    closeSync(this.#file.descriptor)
    this.#file = undefined
  }
}

/** Where the line that the byte belongs to begins. */
function startOfLine(lines: Uint8Array, byte: number): number {
  return byte === 0 ? 0 : lines.lastIndexOf(LINE_FEED, byte - 1) + 1
}

function cutUnfinishedLine(path: string, descriptor: number, size: number): void {
  const end = endOfLastLine(path, size)
  if (end < size) ftruncateSync(descriptor, end)
}

function endOfLastLine(path: string, size: number): number {
  const reader = openSync(path, 'r')
  try {
    const tail = new Uint8Array(TAIL_BYTES)
    for (let start = size; start > 0; ) {
      const length = Math.min(TAIL_BYTES, start)
      start -= length
      const index = tail.subarray(0, readSync(reader, tail, 0, length, start)).lastIndexOf(LINE_FEED)
      if (index >= 0) return start + index + 1
    }
    return 0
  } finally {
    closeSync(reader)
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
