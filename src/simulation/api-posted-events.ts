import { randomUUID } from 'node:crypto'
import {
  alreadyExists,
  otherInvolvedNamespace,
  otherNamespace,
  type StatusFields,
  terminating,
  unrecognized,
} from './api-status.ts'

/** An event as a client posts it; fields that it omits are null on the server. */
export interface PostedEvent {
  readonly kind: 'Event'
  readonly metadata: { readonly name: string; readonly namespace: string; readonly [field: string]: unknown }
  readonly involvedObject: {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly apiVersion: string
  }
  readonly reason: string
  readonly message: string
  readonly [field: string]: unknown
}

/** The events that clients have posted, by name. */
export class ApiPostedEvents {
  readonly #events = new Map<string, PostedEvent>()
  readonly #terminating = new Set<string>()

  /** Oldest first. */
  list(): PostedEvent[] {
    return [...this.#events.values()]
  }

  /** Accepts nothing more in that namespace, as if it were being deleted. */
  terminate(namespace: string): void {
    this.#terminating.add(namespace)
  }

  /** Returns the object that a real server answers with, or the error. */
  create(
    body: string,
    { namespace, userAgent = '' }: { readonly namespace: string; readonly userAgent?: string | undefined },
  ): { readonly event: PostedEvent } | StatusFields {
    const posted = parsed(body)
    if (posted === undefined) return unrecognized()
    const { name, namespace: own = namespace } = posted.metadata
    if (own !== namespace) return otherNamespace()
    if (this.#terminating.has(namespace)) return terminating(name, namespace)
    const involved = posted.involvedObject.namespace
    if (involved !== namespace) return otherInvolvedNamespace(name, involved)
    const key = `${namespace}/${name}`
    if (this.#events.has(key)) return alreadyExists(name)
    const event = stamped(posted, { namespace, version: this.#events.size + 1, manager: userAgent.split('/')[0] ?? '' })
    this.#events.set(key, event)
    return { event }
  }
}

function parsed(body: string): PostedEvent | undefined {
  try {
    const value: PostedEvent = JSON.parse(body)
    const isEvent = value.kind === 'Event' && typeof value.metadata.name === 'string' && 'involvedObject' in value
    return isEvent ? value : undefined
  } catch {
    return undefined
  }
}

/** With the fields in the order of a real server. */
function stamped(
  posted: PostedEvent,
  { namespace, version, manager }: { readonly namespace: string; readonly version: number; readonly manager: string },
): PostedEvent {
  const time = `${new Date().toISOString().slice(0, 19)}Z`
  const { involvedObject: involved, reason, message, source, count, type } = posted
  const { firstTimestamp, lastTimestamp, reportingComponent, reportingInstance } = posted
  const { kind, name, uid, apiVersion } = involved
  const made = { manager, operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: {} }
  return {
    kind: posted.kind,
    apiVersion: 'v1',
    metadata: {
      name: posted.metadata.name,
      namespace,
      uid: randomUUID(),
      resourceVersion: `${version}`,
      creationTimestamp: time,
      managedFields: [made],
    },
    involvedObject: { kind, namespace: involved.namespace, name, uid, apiVersion },
    ...{ reason, message, source, firstTimestamp, lastTimestamp, count, type },
    ...{ eventTime: null, reportingComponent, reportingInstance },
  }
}
