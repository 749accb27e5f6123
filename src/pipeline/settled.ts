import type { LogFile } from '../model/log-file.ts'
import type { StreamName } from '../model/stream-name.ts'

/** Offset from which on no earlier run has delivered anything of the file: chunks that begin there hold nothing to pass over. */
export function settledUntil({ settled }: LogFile): number {
  return settled === undefined ? 0 : Math.max(settled.stdout.end, settled.stderr.end)
}

/** Whether an earlier run has delivered the stream's line that begins there. */
export function isSettled(file: LogFile, stream: StreamName, offset: number): boolean {
  return offset < settledUntil(file) && file.settled?.[stream].has(offset) === true
}
