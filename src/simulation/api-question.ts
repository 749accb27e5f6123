import type { ApiFilter } from './api-objects.ts'
import { type ApiRequest, type ApiResource, readFieldSelector, readLabelSelector } from './api-request.ts'
import { invalidVersion, type StatusFields, unsupportedField, usualStatus } from './api-status.ts'

/** A parsed request. */
export interface Question {
  readonly resource: ApiResource
  readonly filter: ApiFilter
  readonly version: number | undefined
}

/** The parsed request, or the status that says what is wrong with it. */
export function understand({ resource, namespace, query }: ApiRequest): Question | StatusFields {
  if (resource === undefined || resource === 'events') return { ...usualStatus(404), details: {} }
  const selector = readFieldSelector(query.get('fieldSelector') ?? '')
  if ('unsupported' in selector) return unsupportedField(selector.unsupported)
  const version = readVersion(query.get('resourceVersion'))
  if (Number.isNaN(version)) return invalidVersion(query.get('resourceVersion') ?? '')
  const isLabelled = readLabelSelector(query.get('labelSelector') ?? '')
  const filter: ApiFilter = (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    selector.filter(object) &&
    isLabelled(object)
  return { resource, filter, version }
}

/** NaN if the text is not a version. */
function readVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}
