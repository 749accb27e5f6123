import { type Format, unlimited } from '../../model/sink.ts'
import { urlWithPath } from '../url-with-path.ts'
import { readDatadog } from './answer.ts'
import { logArray, REQUEST_MS } from './array.ts'
import { compileDatadog, recordOf } from './program.ts'
import { ENTRY_BYTES, shorten } from './shorten.ts'

export interface DatadogParts {
  /** The time of day in milliseconds. */
  now(): number
  /** Called when entries go without `timestamp`, since they are too old or from the future. */
  onUndated(count: number): void
}

/** Datadog's intake for logs, version 2. Source: https://docs.datadoghq.com/api/latest/logs/#send-logs */
export function createDatadog({ now, onUndated }: DatadogParts): Format {
  return {
    compile: compileDatadog,
    contentType: 'application/json',
    // 5 MB unpacked, less what stands around and what a mark adds to each entry; 1,000 logs.
    limits: { ...unlimited, requestBytes: 4_900_000, requestEntries: 1000, entryBytes: ENTRY_BYTES },
    shorten,
    answerBytes: 0,
    requestMs: REQUEST_MS,
    frame(groups) {
      const { pieces, undatedCount } = logArray(groups, now())
      if (undatedCount > 0) onUndated(undatedCount)
      return pieces
    },
    read: (answer, _sent, nowMs) => readDatadog(answer, nowMs),
    record: recordOf,
  }
}

/** The URL with the path of the intake, if it has none. */
export function intakeUrl(url: string): string {
  return urlWithPath(url, '/api/v2/logs').href
}
