import type { Kernel } from '../kernel/kernel.ts'
import { MAXIMUM_GROWTH } from '../kernel/kernel.ts'
import type { Line } from '../kernel/line.ts'
import type { EntryForm, Template } from '../kernel/template.ts'

const ascii = (text: string) => Buffer.from(text, 'latin1')
const TIME = ascii('{"time":"')
const ID = ascii('{"id":"')
const TIME_AFTER_ID = ascii('","time":"')
const NONE = new Uint8Array(0)
const LOG = { stdout: ascii('","stream":"stdout","log":"'), stderr: ascii('","stream":"stderr","log":"') }
const UNKNOWN_STREAM = ascii('","stream":"unknown","log":"')
const JSON_BODY = { stdout: ascii('","stream":"stdout","json":'), stderr: ascii('","stream":"stderr","json":') }
const QUOTE = ascii('"')
/** Bytes: the constants above, id and time, every flag at its longest, and what the kernel may write past an entry's end. */
const FIXED_BYTES = 512

/** An entry of a container: its lines differ in id, time, stream and body only. `resource` ends it. */
export function entryTemplate(resource: Uint8Array, { hasIds }: { readonly hasIds: boolean }): Template {
  return {
    beforeId: hasIds ? ID : NONE,
    beforeTime: hasIds ? TIME_AFTER_ID : TIME,
    text: { beforeBody: LOG, afterBody: Buffer.concat([QUOTE, resource]) },
    json: { beforeBody: JSON_BODY, afterBody: resource },
  }
}

/** Bytes that an entry needs at the most. */
export function entryRoom(bodyBytes: number, { text }: Template): number {
  return FIXED_BYTES + bodyBytes * MAXIMUM_GROWTH + text.afterBody.length
}

/** What the kernel does not write by itself. */
export interface OddEntry {
  readonly line: Line
  /** A body that is to stand as JSON is not escaped, and checked to be JSON. */
  readonly form: EntryForm
  /** Further members, each beginning with a comma, in ASCII. */
  readonly flags: string
  /** Undefined where the template has no place for one. */
  readonly id: string | undefined
  readonly template: Template
}

/** Writes the line as one JSON entry into `target` at `at` and returns where it ended. `entryRoom` bytes must be there. */
export function writeEntry(entry: OddEntry, kernel: Kernel, target: Uint8Array, at: number): number {
  const { line, form, flags, id, template } = entry
  const { beforeBody, afterBody } = template[form]
  let to = id === undefined ? at : put(ascii(id), target, put(template.beforeId, target, at))
  to = put(template.beforeTime, target, to)
  to = put(line.time.subarray(line.timeStart, line.timeEnd), target, to)
  to = put(line.format === 'malformed' ? UNKNOWN_STREAM : beforeBody[line.stream], target, to)
  to =
    line.isEscaped || form === 'json'
      ? put(line.body.subarray(line.bodyStart, line.bodyEnd), target, to)
      : kernel.escape(line.body, line.bodyStart, line.bodyEnd, target, to)
  if (flags === '') return put(afterBody, target, to)
  to = put(QUOTE, target, to)
  to = put(ascii(flags), target, to)
  return put(template.json.afterBody, target, to)
}

function put(bytes: Uint8Array, target: Uint8Array, at: number): number {
  target.set(bytes, at)
  return at + bytes.length
}
