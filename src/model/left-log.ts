import type { LogFile } from './log-file.ts'

/** A log that another one goes on with: what was read of it and not delivered, the other one reads again. */
export interface LeftLog {
  /** Whether the other log has that file. */
  canRead(file: LogFile): boolean
  /** To be told when the log is closed; `isDelivered` says from then on whether all is that will be delivered of it. */
  left(isDelivered: () => boolean): void
}
