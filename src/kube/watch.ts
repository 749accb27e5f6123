import { parseError, parseJson, versionOf } from './answer.ts'
import { ApiError, readStatus } from './api-error.ts'
import { fieldsOf } from './fields.ts'
import { linesOf } from './lines.ts'

/** One event of a watch. A later watch continues after its `resourceVersion`. */
export type WatchEvent =
  | { readonly kind: 'upsert' | 'delete'; readonly object: unknown; readonly resourceVersion: string }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

/**
 * Yields the events of a watch until the stream ends. Throws ApiError for an ERROR event, LoggyError `KUBE_PARSE` for an invalid
 * line, and the stream's errors.
 */
export async function* watchEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  for await (const line of linesOf(body)) {
    if (line.trim() !== '') yield toEvent(parseJson(line))
  }
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
