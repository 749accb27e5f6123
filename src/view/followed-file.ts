import { fstatSync, readSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { systemCode } from '../lib/errors.ts'

const readBytes = 64 * 1024
/** Bytes at the start of a file, to detect that it was rewritten; an entry's time is among them. */
const headBytes = 256

/** What is at a path, compared with the file that was opened there. */
export type Found = 'same' | 'truncated' | 'replaced' | 'missing'

/** An open file and its read position. While it is open, no other file can get its inode number. */
export class FollowedFile {
  readonly #handle: FileHandle
  #position = 0
  #head = Buffer.alloc(0)
  #endsInLine = true

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Rejects with the system's error. */
  static async open(path: string): Promise<FollowedFile> {
    return new FollowedFile(await open(path, 'r'))
  }

  /** Undefined if there is no file at the path. */
  static async openIfThere(path: string): Promise<FollowedFile | undefined> {
    try {
      return await FollowedFile.open(path)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** The unread bytes. */
  async *rest(signal: AbortSignal): AsyncGenerator<Buffer> {
    while (!signal.aborted) {
      const { bytesRead, buffer } = await this.#handle.read(
        Buffer.allocUnsafeSlow(readBytes),
        0,
        readBytes,
        this.#position,
      )
      // If the file was truncated and rewritten since the last check, the middle of another line may be here. The next check detects it.
      if (bytesRead === 0 || this.#isRewritten()) return
      const bytes = buffer.subarray(0, bytesRead)
      this.advance(bytes)
      yield bytes
    }
  }

  /** Counts bytes as read. */
  advance(bytes: Buffer): void {
    if (this.#head.length < headBytes) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, headBytes - this.#head.length)])
    }
    this.#position += bytes.length
    this.#endsInLine = bytes.at(-1) === 0x0a
  }

  /** Goes back to the start. If the last line was unfinished, returns a newline, so that the next line does not continue it. */
  restart(): Buffer[] {
    const lineEnd = this.#endsInLine ? [] : [Buffer.from('\n')]
    this.#position = 0
    this.#head = Buffer.alloc(0)
    this.#endsInLine = true
    return lineEnd
  }

  /** Bytes between our position and the end; negative if the file was truncated. */
  unread(): number {
    return fstatSync(this.#handle.fd).size - this.#position
  }

  /** What is at the path now, compared with this file. Synchronous, so that nothing happens between the check and the reaction. */
  look(path: string): Found {
    const there = statIfThere(path)
    if (there === undefined) return 'missing'
    const ours = fstatSync(this.#handle.fd)
    if (there.ino !== ours.ino || there.dev !== ours.dev) return 'replaced'
    return ours.size < this.#position || this.#isRewritten() ? 'truncated' : 'same'
  }

  /** After a truncation the file may have grown beyond our position again before the next check. */
  #isRewritten(): boolean {
    const bytes = Buffer.alloc(this.#head.length)
    const bytesRead = readSync(this.#handle.fd, bytes, 0, bytes.length, 0)
    return !bytes.subarray(0, bytesRead).equals(this.#head)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** A path that cannot be checked counts as missing. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}
