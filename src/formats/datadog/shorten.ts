import { parseObject } from '../../lib/json-object.ts'
import { ORIGINAL_BYTES, TRUNCATED } from '../flat-record.ts'
import { beginningOf } from '../shorten-entry.ts'
import { ENTRY_START } from './program.ts'

const SEPARATOR = ',\n'
/** Bytes of a log. Datadog cuts a longer one, and says so nowhere. Source: docs.datadoghq.com, api/latest/logs, "Send logs" */
const LOG_BYTES = 1_000_000
export const ENTRY_BYTES = LOG_BYTES + SEPARATOR.length

/** The entry with as much of its message as there is room for. Undefined if all else is too long by itself. */
export function shorten(entry: Uint8Array): Uint8Array | undefined {
  const { timestamp, message, ...rest } = parseObject(Buffer.from(entry).toString('utf8', SEPARATOR.length)) ?? {}
  const text = String(message)
  const originalBytes = rest[ORIGINAL_BYTES] ?? String(Buffer.byteLength(text))
  const withText = (part: string) => {
    const log = { message: part, ...rest, [TRUNCATED]: 'true', [ORIGINAL_BYTES]: originalBytes }
    // A name that is a number would stand first in an object.
    return Buffer.from(`${ENTRY_START}${timestamp},${JSON.stringify(log).slice(1)}`)
  }
  const room = ENTRY_BYTES - withText('').length
  return room < 0 ? undefined : withText(beginningOf(text, room))
}
