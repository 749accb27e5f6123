import type { LogFile } from '../model/log-file.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'

/** The offset after which no earlier run has delivered anything: in later chunks no line has to be skipped. */
export function settledUntil({ settled }: LogFile): number {
  return settled === undefined ? 0 : Math.max(settled.stdout.end, settled.stderr.end)
}

/**
 * Whether an earlier run has delivered the line at that offset. `unknown`: what is of no known format, or a hole. It waits for nothing, so it was delivered
 * with what either stream has from there, though lines of the other one that are not whole hold its position back.
 */
export function isSettled(file: LogFile, stream: StreamName | 'unknown', offset: number): boolean {
  if (offset >= settledUntil(file)) return false
  const streams = stream === 'unknown' ? STREAM_NAMES : [stream]
  return streams.some((one) => file.settled?.[one].has(offset) === true)
}
