import { parseError, parseJson, versionOf } from './answer.ts'
import { ApiError, readStatus } from './api-error.ts'
import { fieldsOf } from './fields.ts'
import { linesOf } from './lines.ts'

/** One event of a watch. A later watch continues after its `resourceVersion`. */
export type WatchEvent =
  | { readonly kind: 'upsert' | 'delete'; readonly object: unknown; readonly resourceVersion: string }
  /** `endsList`: all objects that exist have come before it, if the watch was asked to begin with them. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string; readonly endsList: boolean }

/** Source: apimachinery, `metav1.InitialEventsAnnotationKey`. */
const listEnd = 'k8s.io/initial-events-end'

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
      return { kind: 'bookmark', resourceVersion, endsList: annotationOf(object, listEnd) === 'true' }
    default:
      throw parseError('an event of an unknown type')
  }
}

function annotationOf(object: unknown, key: string): unknown {
  return fieldsOf(fieldsOf(fieldsOf(object).metadata).annotations)[key]
}
