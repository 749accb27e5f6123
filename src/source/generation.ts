import type { Settled } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'

/** Makes a file's key from its fingerprint, by adding the container's identity. */
export type KeyOf = (fingerprint: string) => string

/** One open file of a container's log: live, rotated or compressed. A rotation makes a new generation. */
export interface Generation extends LogFile, Inode {
  key: string | undefined
  settled: Settled | undefined
  end: number | undefined
  order: number | undefined
  isOrderStored: boolean
  /** The time at the start of its first line, in milliseconds since 1970; undefined if there is none. */
  startedMs: number | undefined
  /** The file's ctime when it was opened, in milliseconds since 1970; undefined if it is compressed. */
  readonly changedMs: number | undefined
  /** Offset of the first byte that is not done; uncompressed. */
  readonly offset: number
  /** The byte before `offset`, if it has been read. */
  readonly lastByte: number | undefined
  /** Bytes; undefined for a compressed file, whose size is unknown until it is read. */
  readonly size: number | undefined
  /**
   * Continues at the offset of an earlier reading, and returns true. Or stays at the beginning, because the file has other bytes now.
   * `lastByte`: the byte before the offset, if it was not a newline.
   */
  resume(offset: number, lastByte?: number): Promise<boolean>
  /** Moves `offset` past bytes that were read and are done. */
  advance(consumed: Uint8Array): void
  /** Reads into `buffer`, and returns the bytes from `offset` on, which may begin behind others there. If they end before `buffer` does, this is the end. */
  read(buffer: Uint8Array): Promise<Uint8Array>
  /** The same without waiting, for bytes that were just written; undefined if that is no faster. */
  readCached(buffer: Uint8Array): Uint8Array | undefined
  /** Whether it has another first line than when it was opened, or has become shorter. */
  isRewritten(): boolean
  /** Moves to the end, or to the start of an unfinished last line. */
  seekToEnd(): Promise<void>
  /** Time of the last write, in milliseconds since 1970. */
  modifiedMs(): Promise<number>
  /** Bytes after `offset`, uncompressed. */
  unreadBytes(): Promise<number>
  /** The approximate time of the line at `offset`, in milliseconds since 1970. Undefined if lines have no times. */
  readonly unreadSinceMs: number | undefined
  /** Tries again to compute its key, if its first line is complete by now. */
  identify(): Promise<void>
  /** Whether no path leads to it any more. */
  isNameless(): Promise<boolean>
  /** The same file once more, from its beginning, also if no path leads to it; undefined if that is never needed. */
  openAgain(): Generation | undefined
  close(): Promise<void>
}

/** The file system's identity of a file. Valid only while it is open: inodes are reused within 20 ms. */
export interface Inode {
  readonly dev: number
  readonly ino: number
}

/** Whether both are the same file, as far as the file system can tell while both exist. */
export function isSameInode(one: Inode, other: Inode): boolean {
  return one.dev === other.dev && one.ino === other.ino
}
