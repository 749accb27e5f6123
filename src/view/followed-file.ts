import { fstatSync, readSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { systemCode } from '../lib/errors.ts'

const readBytes = 64 * 1024
/** Bytes at the start of a file that tell it from a rewritten one; an entry's time is among its first. */
const headBytes = 256

/** What stands at a path, compared with a file that was opened there. */
export type Found = 'same' | 'truncated' | 'replaced' | 'missing'

/** An open file, and how far it has been read. While it is open no other file can get its inode number. */
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

  /** Undefined when there is no file at the path. */
  static async openIfThere(path: string): Promise<FollowedFile | undefined> {
    try {
      return await FollowedFile.open(path)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** What has not been read yet. */
  async *rest(signal: AbortSignal): AsyncGenerator<Buffer> {
    while (!signal.aborted) {
      const { bytesRead, buffer } = await this.#handle.read(
        Buffer.allocUnsafeSlow(readBytes),
        0,
        readBytes,
        this.#position,
      )
      // Truncated and written anew since the last look, it may have the middle of another line here: the next look tells.
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

  /** Back to the start. Returns what ends the last line, if it was unfinished, so that the next one does not continue it. */
  restart(): Buffer[] {
    const lineEnd = this.#endsInLine ? [] : [Buffer.from('\n')]
    this.#position = 0
    this.#head = Buffer.alloc(0)
    this.#endsInLine = true
    return lineEnd
  }

  /** Bytes between our position and the end; negative once the file was truncated. */
  unread(): number {
    return fstatSync(this.#handle.fd).size - this.#position
  }

  /** What stands at the path now, compared with this file. Synchronous, so that nothing happens between looking and acting on it. */
  look(path: string): Found {
    const there = statIfThere(path)
    if (there === undefined) return 'missing'
    const ours = fstatSync(this.#handle.fd)
    if (there.ino !== ours.ino || there.dev !== ours.dev) return 'replaced'
    return ours.size < this.#position || this.#isRewritten() ? 'truncated' : 'same'
  }

  /** A file that was truncated may have grown past our position again before anyone looked. */
  #isRewritten(): boolean {
    const bytes = Buffer.alloc(this.#head.length)
    const bytesRead = readSync(this.#handle.fd, bytes, 0, bytes.length, 0)
    return !bytes.subarray(0, bytesRead).equals(this.#head)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** A path that cannot be looked at is as good as missing. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}
