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
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { writeByThread } from './by-thread.ts'
import { systemCode } from './errors.ts'

/** When the file is renamed to `.1`. The file that was `.1` becomes `.2`, and so on. */
export interface Rotation {
  /** Limit for the file being written; a single larger batch is still written whole. 0: never rotate. */
  readonly maxBytes: number
  /** Rotated files to keep; at least 1. */
  readonly keep: number
  /** Called with the size of a file that a rotation deletes. */
  readonly onDelete?: (bytes: number) => void
}

/** How a file is appended to. */
export interface AppendOptions {
  readonly rotate: Rotation
  /** Bytes count as written only after an fsync. Without it a power cut can lose acked entries; a killed process cannot. */
  readonly fsync: boolean
}

interface OpenFile {
  readonly descriptor: number
  readonly device: bigint
  readonly inode: bigint
}

const LINE_FEED = 0x0a
const TAIL_BYTES = 1 << 16

const sync = promisify(fdatasync)
const statOf = promisify(stat)

/** Appends whole lines to a file that others may rename or remove at any time. One append at a time. */
export class AppendFile {
  readonly #path: string
  readonly #options: AppendOptions
  #file: OpenFile | undefined

  constructor(path: string, options: AppendOptions) {
    this.#path = path
    this.#options = options
  }

  /**
   * Opens the file and creates it and its folder if needed. An unfinished last line is cut off: it is left by a kill in the middle of a
   * write and was never acked. Throws the system's error.
   */
  open(): OpenFile {
    mkdirSync(dirname(this.#path), { recursive: true })
    const descriptor = openSync(this.#path, 'a', 0o640)
    try {
      const { dev, ino, size } = fstatSync(descriptor, { bigint: true })
      if (size > 0n) cutUnfinishedLine(this.#path, descriptor, Number(size))
      // Otherwise a power cut could lose the new file's name, and so the whole file.
      else if (this.#options.fsync) syncDirectory(dirname(this.#path))
      this.#file = { descriptor, device: dev, inode: ino }
      return this.#file
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  /** Resolves when all lines are written. Rejects with the system's error; then none of them are in the file. */
  async append(lines: Uint8Array): Promise<void> {
    await this.#leaveMovedFile()
    this.#rotateFor(lines.length)
    const { descriptor } = this.#file ?? this.open()
    const { size } = fstatSync(descriptor)
    try {
      for (let written = 0; written < lines.length; ) {
        written += await writeByThread(descriptor, lines.subarray(written))
      }
      // After a failed sync the kernel may have dropped the pages and report the next sync as a success. So everything is written again.
      if (this.#options.fsync) await sync(descriptor)
    } catch (error) {
      this.#cutTo(size)
      throw error
    }
    // `loggy replay` may have removed the file in the meantime, after reading it.
    if (fstatSync(descriptor).nlink === 0 && (await this.#leaveMovedFile())) await this.append(lines)
  }

  /** Must not be called during an append. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor)
    this.#file = undefined
  }

  /** Removes a partial write. If that fails too, the next `open` cuts off the unfinished line. */
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

  /** Closes the file if it is no longer at the path: logrotate or a person moved or removed it. The next append opens a new one. */
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
