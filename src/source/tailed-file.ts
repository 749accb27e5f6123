import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LoggyError } from '../lib/errors.ts'
import type { LogFile } from '../model.ts'

const NEWLINE = 0x0a
/** Bytes read at once when looking back for the line that a file ends with. */
const LOOK_BACK_BYTES = 64 * 1024

/** What the file system knows a file by; good only as long as one holds it open, inodes are used again within 20 ms. */
export interface Inode {
  readonly dev: number
  readonly ino: number
}

/** One open log file. While it is open, device and inode tell it from any other; a path never does. */
export class TailedFile implements LogFile, Inode {
  readonly path: string
  readonly #handle: FileHandle
  readonly dev: number
  readonly ino: number
  /** Of the first byte that is not done with. */
  offset = 0

  private constructor(path: string, handle: FileHandle, identity: Inode) {
    this.path = path
    this.#handle = handle
    this.dev = identity.dev
    this.ino = identity.ino
  }

  /** Rejects with the system's error, or with NOT_A_FILE. Never blocks on a pipe. */
  static async open(path: string): Promise<TailedFile> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) throw new LoggyError('NOT_A_FILE', `${path} is not a regular file`)
      return new TailedFile(path, handle, stats)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  isSameFile(other: Inode): boolean {
    return other.dev === this.dev && other.ino === this.ino
  }

  /** Fills `buffer` from `offset` on and returns the part filled: less than all of it means the end of the file. */
  async read(buffer: Uint8Array): Promise<Uint8Array> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.offset)
    return buffer.subarray(0, bytesRead)
  }

  stat() {
    return this.#handle.stat()
  }

  /** Moves to the end, or to the first byte of a line that is being written there. */
  async seekToEnd(): Promise<void> {
    const { size } = await this.#handle.stat()
    const buffer = new Uint8Array(LOOK_BACK_BYTES)
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - buffer.length)
      const { bytesRead } = await this.#handle.read(buffer, 0, end - start, start)
      const newline = buffer.lastIndexOf(NEWLINE, bytesRead - 1)
      if (newline >= 0) {
        this.offset = start + newline + 1
        return
      }
      end = start
    }
    this.offset = 0
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
