import type { LogFile } from '../model/log-file.ts'
import type { RecordSource } from './record-id.ts'

/**
 * NULs where a line should begin, or behind one that was torn. A file system that had stored a file's length before a power cut, but not
 * what was in it, gives them in its place; so does a program that writes on at its old offset after copytruncate. There may be
 * gigabytes: they are counted, not kept, and told when it is known how many they are.
 */
export class Hole {
  bytes = 0
  /** Where it begins in each file that has a part of it: positions must not pass that before it is told. */
  readonly starts = new Map<LogFile, number>()

  /** There must be some. */
  get source(): RecordSource {
    const [[file, offset] = [{ path: '' }, 0]] = this.starts
    return { file, offset, byteCount: this.bytes }
  }

  append(byteCount: number, file: LogFile, offset: number): void {
    if (!this.starts.has(file)) this.starts.set(file, offset)
    this.bytes += byteCount
  }
}
