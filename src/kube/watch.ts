import { LoggyError } from '../lib/errors.ts'
import { ApiError, readStatus } from './api-error.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'
import { linesOf } from './lines.ts'

/** One event of a watch. `resourceVersion` is where a later watch continues after it. */
export type WatchEvent =
  | { readonly kind: 'upsert' | 'delete'; readonly object: unknown; readonly resourceVersion: string }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

/** Objects of a list, and the resourceVersion a watch continues from. */
export interface ObjectList {
  readonly items: readonly unknown[]
  readonly resourceVersion: string
}

/**
 * Yields the events of a watch until the stream ends. Throws ApiError for an ERROR event, LoggyError `KUBE_PARSE` for a line that is no
 * event, and what the stream throws when the connection is cut.
 */
export async function* watchEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  for await (const line of linesOf(body)) {
    if (line.trim() !== '') yield toEvent(parse(line))
  }
}

/** Reads the body of a list. Throws LoggyError `KUBE_PARSE`, and what the stream throws. */
export async function readList(body: AsyncIterable<Uint8Array>): Promise<ObjectList> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const list = fieldsOf(parse(Buffer.concat(chunks).toString('utf8')))
  const items = list.items ?? []
  const resourceVersion = versionOf(list)
  if (!Array.isArray(items) || resourceVersion === undefined)
    throw parseError('a list without items or resourceVersion')
  return { items, resourceVersion }
}

function toEvent(value: unknown): WatchEvent {
  const event = fieldsOf(value)
  const object = event.object
  if (event.type === 'ERROR') throw new ApiError(readStatus(object, 500))
  const resourceVersion = versionOf(fieldsOf(object))
  if (resourceVersion === undefined) throw parseError('an event without a resourceVersion')
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'upsert', object, resourceVersion }
    case 'DELETED':
      return { kind: 'delete', object, resourceVersion }
    case 'BOOKMARK':
      return { kind: 'bookmark', resourceVersion }
    default:
      throw parseError('an event of an unknown type')
  }
}

function versionOf(object: Fields): string | undefined {
  return textOf(fieldsOf(object.metadata).resourceVersion)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw parseError('no JSON', error)
  }
}

function parseError(what: string, cause?: unknown): LoggyError {
  return new LoggyError('KUBE_PARSE', `the API server sent ${what}`, { cause })
}
