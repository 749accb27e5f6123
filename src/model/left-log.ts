import type { LogFile } from './log-file.ts'

/** A log that another log continues: what was read but not delivered of this one is read again by the other one. */
export interface LeftLog {
  /** Whether the other log has that file. */
  canRead(file: LogFile): boolean
  /** Registers a call for when this log is closed. From then on `isDelivered` says whether everything that can be delivered is. */
  left(isDelivered: () => boolean): void
}
