import type { LogFile } from '../model/log-file.ts'
import type { StreamName } from '../model/stream-name.ts'

/** The offset after which no earlier run has delivered anything: in later chunks no line has to be skipped. */
export function settledUntil({ settled }: LogFile): number {
  return settled === undefined ? 0 : Math.max(settled.stdout.end, settled.stderr.end)
}

/** Whether an earlier run has delivered the line at that offset. */
export function isSettled(file: LogFile, stream: StreamName, offset: number): boolean {
  return offset < settledUntil(file) && file.settled?.[stream].has(offset) === true
}
