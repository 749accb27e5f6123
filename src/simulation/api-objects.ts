import { randomUUID } from 'node:crypto'

/** An object as a caller passes it; the store adds a resourceVersion, and a uid and a creationTimestamp if they are missing. */
export interface ApiObject {
  readonly kind: ApiKind
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly spec?: object
  readonly status?: object
}

export type ApiKind = 'Pod' | 'Namespace' | 'Node'

/** Whether an object matches. */
export type ApiFilter = (object: ApiObject) => boolean

/** One change, as a watch with that filter reports it. */
export interface ApiEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: ApiObject
  readonly version: number
}

/** The objects of a watch. */
export interface WatchedObjects {
  readonly kind: ApiKind
  readonly filter: ApiFilter
}

interface Change {
  readonly version: number
  readonly before: ApiObject | undefined
  readonly after: ApiObject | undefined
  /** The object in the DELETED event. */
  readonly last: ApiObject | undefined
}

/** Does the work of etcd and the watch cache of a real API server: objects with increasing versions, and the changes that led to them. */
export class ApiObjects {
  #objects = new Map<string, ApiObject>()
  readonly #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()
  #version = 1
  #forgottenVersion = 0

  /** Version of the newest change. */
  get version(): number {
    return this.#version
  }

  /** The oldest version from which a watch can start; earlier changes are forgotten. */
  get oldestVersion(): number {
    return this.#forgottenVersion
  }

  upsert(object: ApiObject): ApiObject {
    const before = this.#objects.get(keyOf(object))
    const isNew = before === undefined || (object.metadata.uid ?? before.metadata.uid) !== before.metadata.uid
    // In the API, a name cannot change its uid: the old object is deleted first.
    if (before !== undefined && isNew) this.delete(before)
    const after = this.#stamped(object, isNew ? undefined : before)
    this.#record({ version: this.#version, before: isNew ? undefined : before, after, last: undefined })
    return after
  }

  /** Returns whether the object existed (with that uid, if it has one). The given object is the one in the DELETED event. */
  delete(object: ApiObject): boolean {
    const before = this.#objects.get(keyOf(object))
    const { uid } = object.metadata
    if (before === undefined || (uid !== undefined && uid !== before.metadata.uid)) return false
    const last = this.#stamped(object, before)
    this.#record({ version: this.#version, before, after: undefined, last })
    return true
  }

  list(kind: ApiKind, filter: ApiFilter): ApiObject[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind && filter(object))
  }

  /** The changes since that version, for a watch that starts there. */
  eventsSince(version: number, watched: WatchedObjects): ApiEvent[] {
    return this.#changes.flatMap((change) => (change.version > version ? (eventOf(change, watched) ?? []) : []))
  }

  /** Calls back with each later event; returns the function that ends this. */
  subscribe(watched: WatchedObjects, onEvent: (event: ApiEvent) => void): () => void {
    const listener = (change: Change) => {
      const event = eventOf(change, watched)
      if (event !== undefined) onEvent(event)
    }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Forgets all changes so far, as in a compaction of etcd or a restart of the server; uses one version, as time would. */
  expire(): void {
    this.#version += 1
    this.#forgottenVersion = this.#version
    this.#changes.length = 0
  }

  /** Returns to an earlier version, as after restoring a backup: later changes are lost. Sends nothing to watches. */
  rewind(version: number): void {
    for (const [key, object] of this.#objects) {
      if (Number(object.metadata.resourceVersion) > version) this.#objects.delete(key)
    }
    this.#changes.length = 0
    this.#version = version
    this.#forgottenVersion = version
  }

  #stamped(object: ApiObject, before: ApiObject | undefined): ApiObject {
    this.#version += 1
    const metadata = {
      ...object.metadata,
      uid: object.metadata.uid ?? before?.metadata.uid ?? randomUUID(),
      resourceVersion: `${this.#version}`,
      creationTimestamp: object.metadata.creationTimestamp ?? before?.metadata.creationTimestamp ?? apiTime(),
      managedFields: object.metadata.managedFields ?? [
        { manager: 'kubectl-create', operation: 'Update', fieldsType: 'FieldsV1' },
      ],
    }
    return { ...structuredClone(object), metadata }
  }

  #record(change: Change): void {
    const { before, after } = change
    if (after !== undefined) this.#objects.set(keyOf(after), after)
    else if (before !== undefined) this.#objects.delete(keyOf(before))
    this.#changes.push(change)
    for (const listener of this.#listeners) listener(change)
  }
}

/** An object that starts or stops matching the filter is reported as added or deleted. */
function eventOf({ version, before, after, last }: Change, { kind, filter }: WatchedObjects): ApiEvent | undefined {
  const had = before !== undefined && before.kind === kind && filter(before)
  const has = after !== undefined && after.kind === kind && filter(after)
  if (has) return { type: had ? 'MODIFIED' : 'ADDED', object: after, version }
  if (had) return { type: 'DELETED', object: last ?? before, version }
  return undefined
}

function keyOf({ kind, metadata }: ApiObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}

function apiTime(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
