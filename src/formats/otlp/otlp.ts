import { type Format, type Group, unlimited } from '../../model/sink.ts'
import { urlWithPath } from '../url-with-path.ts'
import { varint } from '../varint.ts'
import { readOtlp } from './answer.ts'
import { withMaps } from './body-map.ts'
import { compileOtlp, RESOURCE_LOGS } from './program.ts'
import { sizedTag } from './protobuf.ts'
import { recordOf } from './record.ts'

/** `ExportLogsServiceRequest`. */
const RESOURCE_LOGS_FIELD = 1

/** What the body of a record is, where the line is a JSON object. */
export type BodyForm = 'string' | 'map'

/** OTLP logs: a `ResourceLogs` for each container. Source: https://github.com/open-telemetry/opentelemetry-proto */
export const otlp: Format = {
  compile: compileOtlp,
  contentType: 'application/x-protobuf',
  // Servers take 20 MiB as a rule, and 4 MiB where they hand requests on by gRPC; they count what is unpacked.
  limits: { ...unlimited, requestBytes: 4 << 20 },
  // The answer may have words of any length; more of them no one reads.
  answerBytes: 1 << 16,
  frame: (groups) =>
    [...Map.groupBy(groups, ({ head }) => head)].flatMap(([head, ofHead]) => resourceLogs(head, ofHead)),
  read: (answer, { entryCount }, nowMs) => readOtlp(answer, entryCount, nowMs),
  record: recordOf,
}

/**
 * The same, with maps for bodies that are JSON objects if that is wanted. They are made when a request is: entries are the same in both
 * forms, so that what reads them finds the text as it was written.
 */
export function createOtlp(body: BodyForm): Format {
  if (body === 'string') return otlp
  const mapped = (group: Group): Group => ({ ...group, pieces: group.pieces.flatMap(withMaps) })
  return { ...otlp, frame: (groups) => otlp.frame(groups.map(mapped)) }
}

/** The URL with OTLP's path for logs, if it has none. */
export function logsUrl(url: string): string {
  return urlWithPath(url, '/v1/logs').href
}

function resourceLogs(head: Uint8Array, groups: readonly Group[]): Uint8Array[] {
  const pieces = groups.flatMap((group) => group.pieces)
  const byteCount = pieces.reduce((sum, { length }) => sum + length, 0)
  const scopeLogs = Buffer.concat([sizedTag(RESOURCE_LOGS.scopeLogs), varint(byteCount)])
  const whole = head.length + scopeLogs.length + byteCount
  return [sizedTag(RESOURCE_LOGS_FIELD), varint(whole), head, scopeLogs, ...pieces]
}
