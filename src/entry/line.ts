import { toLoggy } from '../formats/schemas/schemas.ts'
import { parseObject } from '../lib/json-object.ts'
import { type Entry, entryIn } from './entry.ts'

/** What one line of the input is: an entry, the agent's own log on its way through `kubectl logs`, or anything else. */
export type Line = { readonly kind: 'entry'; readonly entry: Entry } | { readonly kind: 'agent' | 'blank' | 'foreign' }

/** Reads a line of output, in any schema, without its newline; never throws. Not for the page, which would become larger by all schemas. */
export function readLine(text: string): Line {
  const value = parseObject(text)
  if (value === undefined) return { kind: text.trim() === '' ? 'blank' : 'foreign' }
  const entry = entryIn(toLoggy(value) ?? value, text)
  if (entry !== undefined) return { kind: 'entry', entry }
  return { kind: typeof value.level === 'string' && typeof value.message === 'string' ? 'agent' : 'foreign' }
}
