import type { Settled } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'

/** Names a file for good: the container's identity and the file's fingerprint. */
export type KeyOf = (fingerprint: string) => string

/** One file of a container's log, open: the live one, a rotated one, or a compressed one. A rotation makes a new generation. */
export interface Generation extends LogFile, Inode {
  key: string | undefined
  settled: Settled | undefined
  end: number | undefined
  order: number | undefined
  /** The time that its first line begins with, in milliseconds since 1970; undefined if it begins otherwise. */
  startedMs: number | undefined
  /** When the file system last changed anything of it, in milliseconds since 1970, as of its opening; undefined when it is compressed. */
  readonly changedMs: number | undefined
  /** Of the first byte that is not done with; uncompressed. */
  readonly offset: number
  /** The one before `offset`, where the file was read as far as that. */
  readonly lastByte: number | undefined
  /** Bytes; undefined where that is not known without reading them, because they are compressed. */
  readonly size: number | undefined
  /**
   * Goes on where an earlier reading left off, and returns true; or stays at the beginning, because other bytes are there now.
   * `lastByte`: the one before that place, if it was not a newline.
   */
  resume(offset: number, lastByte?: number): Promise<boolean>
  /** Moves `offset` past bytes that were read and are done with. */
  advance(consumed: Uint8Array): void
  /** Reads from `offset` on into `buffer`, and returns what it read. Short of the buffer's size by more than a byte: the end. */
  read(buffer: Uint8Array): Promise<Uint8Array>
  /** The same at once, for bytes that were written a moment ago; undefined where that is no faster. */
  readCached(buffer: Uint8Array): Uint8Array | undefined
  /** Whether it begins with other bytes than when it was opened, or is shorter than it was. */
  isRewritten(): boolean
  /** Moves to the end, or to the first byte of a line that is being written there. */
  seekToEnd(): Promise<void>
  /** When it was last written to, in milliseconds since 1970. */
  modifiedMs(): Promise<number>
  /** Bytes after `offset`, uncompressed. */
  unreadBytes(): Promise<number>
  /** The time that the line at `offset` begins with, or about so; in milliseconds since 1970. Undefined where lines do not begin so. */
  readonly unreadSinceMs: number | undefined
  /** Looks whether its first line is whole by now, for its key. */
  identify(): Promise<void>
  /** Whether no path leads to it any more. */
  isNameless(): Promise<boolean>
  close(): Promise<void>
}

/** What the file system knows a file by; good only as long as one holds it open, inodes are used again within 20 ms. */
export interface Inode {
  readonly dev: number
  readonly ino: number
}

/** Whether both are one file, as far as the file system can tell while both are there. */
export function isSameInode(one: Inode, other: Inode): boolean {
  return one.dev === other.dev && one.ino === other.ino
}
