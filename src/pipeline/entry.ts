import type { Kernel } from '../kernel/kernel.ts'
import { MAXIMUM_GROWTH } from '../kernel/kernel.ts'
import type { Line } from '../kernel/line.ts'
import type { Template } from '../kernel/template.ts'

const ascii = (text: string) => Buffer.from(text, 'latin1')
const TIME = ascii('{"time":"')
const STREAM = { stdout: ascii('","stream":"stdout","log":"'), stderr: ascii('","stream":"stderr","log":"') }
const UNKNOWN_STREAM = ascii('","stream":"unknown","log":"')
const QUOTE = ascii('"')
/** What introduces a body in `beforeBody`, and what introduces one that is JSON itself. */
const LOG_KEY = ascii('"log":"')
const JSON_KEY = ascii('"json":')
/** Bytes: the constants above, the time, every flag at its longest, and what the kernel may write past an entry's end. */
const FIXED_BYTES = 512

/** An entry of a container: its lines differ in time, stream and body only. `resource` ends it. */
export function entryTemplate(resource: Uint8Array): Template {
  return { beforeTime: TIME, beforeBody: STREAM, afterBody: Buffer.concat([QUOTE, resource]) }
}

/** Bytes that an entry needs at the most. */
export function entryRoom(bodyBytes: number, { afterBody }: Template): number {
  return FIXED_BYTES + bodyBytes * MAXIMUM_GROWTH + afterBody.length
}

/** How a body stands in its entry: as the string `log`, or as it is, under `json`. */
export type EntryForm = 'text' | 'json'

/** What the kernel does not write by itself. */
export interface OddEntry {
  readonly line: Line
  /** A body that is to stand as JSON is not escaped, and checked to be JSON. */
  readonly form: EntryForm
  /** Further members, each beginning with a comma, in ASCII. */
  readonly flags: string
  readonly template: Template
}

/** Writes the line as one JSON entry into `target` at `at` and returns where it ended. `entryRoom` bytes must be there. */
export function writeEntry(entry: OddEntry, kernel: Kernel, target: Uint8Array, at: number): number {
  const { line, form, flags, template } = entry
  let to = put(template.beforeTime, target, at)
  to = put(line.time.subarray(line.timeStart, line.timeEnd), target, to)
  const beforeBody = line.format === 'malformed' ? UNKNOWN_STREAM : template.beforeBody[line.stream]
  if (form === 'json') {
    to = put(beforeBody.subarray(0, -LOG_KEY.length), target, to)
    to = put(JSON_KEY, target, to)
    to = put(line.body.subarray(line.bodyStart, line.bodyEnd), target, to)
    return put(template.afterBody.subarray(QUOTE.length), target, to)
  }
  to = put(beforeBody, target, to)
  to = line.isEscaped
    ? put(line.body.subarray(line.bodyStart, line.bodyEnd), target, to)
    : kernel.escape(line.body, line.bodyStart, line.bodyEnd, target, to)
  if (flags === '') return put(template.afterBody, target, to)
  to = put(QUOTE, target, to)
  to = put(ascii(flags), target, to)
  return put(template.afterBody.subarray(QUOTE.length), target, to)
}

function put(bytes: Uint8Array, target: Uint8Array, at: number): number {
  target.set(bytes, at)
  return at + bytes.length
}
