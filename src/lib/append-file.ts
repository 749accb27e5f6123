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
import { systemCode } from './errors.ts'

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

/** Whole lines appended to a file that others may rename or remove at any time. One append at a time. */
export class AppendFile {
  readonly #path: string
  readonly #options: AppendOptions
  #file: OpenFile | undefined

  constructor(path: string, options: AppendOptions) {
    this.#path = path
    this.#options = options
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

  /** Resolves when the file has all of the lines. Rejects with the system's error; then it has none of them. */
  async append(lines: Uint8Array): Promise<void> {
    await this.#leaveMovedFile()
    this.#rotateFor(lines.length)
    const { descriptor } = this.#file ?? this.open()
    const { size } = fstatSync(descriptor)
    try {
      for (let written = 0; written < lines.length; ) {
        written += (await writeOnce(descriptor, lines, written, lines.length - written, null)).bytesWritten
      }
      // After a failure the kernel may have dropped what it could not write and call the next sync a success: all is written anew.
      if (this.#options.fsync) await sync(descriptor)
    } catch (error) {
      this.#cutTo(size)
      throw error
    }
    // A replay that was done with the file may have removed it meanwhile.
    if (fstatSync(descriptor).nlink === 0 && (await this.#leaveMovedFile())) await this.append(lines)
  }

  /** Not while lines are appended. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor)
    this.#file = undefined
  }

  /** Takes back what was written in part. Where that fails too, the next `open` cuts off the unfinished line. */
  #cutTo(size: number): void {
    const descriptor = this.#file?.descriptor
    if (descriptor === undefined) return
    try {
      const stats = fstatSync(descriptor)
      if (stats.isFile() && stats.size > size) ftruncateSync(descriptor, size)
    } catch {
      this.close()
    }
  }

  /** logrotate, or a person who frees a full disk, has put another file or none at the path: the next line starts there. */
  async #leaveMovedFile(): Promise<boolean> {
    const file = this.#file
    if (file === undefined) return false
    const now = await this.#statOfPath()
    const isMoved = now?.dev !== file.device || now.ino !== file.inode
    if (isMoved) this.close()
    return isMoved
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
    this.close()
  }
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
