import type { LogFile } from '../model/log-file.ts'
import type { RecordSource } from './record-id.ts'

/**
 * NULs where a line should begin, or after a torn one. After a power cut a file system may have stored a file's length but not its bytes, and
 * returns NULs instead. The same happens if a program writes at its old offset after copytruncate. There may be gigabytes of NULs, so they
 * are only counted, and reported once their number is known.
 */
export class Hole {
  bytes = 0
  /** Its offset in each file that has a part of it. Positions do not pass these before it is reported. */
  readonly starts = new Map<LogFile, number>()

  /** There must be at least one NUL. */
  get source(): RecordSource {
    const [[file, offset] = [{ path: '' }, 0]] = this.starts
    return { file, offset, byteCount: this.bytes }
  }

  append(byteCount: number, file: LogFile, offset: number): void {
    if (!this.starts.has(file)) this.starts.set(file, offset)
    this.bytes += byteCount
  }
}
