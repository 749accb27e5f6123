import { randomUUID } from 'node:crypto'

/** An object as it is handed in; the store gives it a resourceVersion, and a uid and a creationTimestamp where they are missing. */
export interface ApiObject {
  readonly kind: ApiKind
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly spec?: object
  readonly status?: object
}

export type ApiKind = 'Pod' | 'Namespace' | 'Node'

/** Whether an object is asked for. */
export type ApiFilter = (object: ApiObject) => boolean

/** One change, as a watch with that filter has to tell it. */
export interface ApiEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: ApiObject
  readonly version: number
}

/** What a watch is about. */
export interface WatchedObjects {
  readonly kind: ApiKind
  readonly filter: ApiFilter
}

interface Change {
  readonly version: number
  readonly before: ApiObject | undefined
  readonly after: ApiObject | undefined
  /** What a DELETED event shows. */
  readonly last: ApiObject | undefined
}

/** What etcd and the watch cache are to a real API server: objects under one growing version, and the changes that led to them. */
export class ApiObjects {
  #objects = new Map<string, ApiObject>()
  readonly #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()
  #version = 1
  #forgottenVersion = 0

  /** Of the newest change to any object. */
  get version(): number {
    return this.#version
  }

  /** Up to here changes are forgotten; a watch must start at this version or later. */
  get oldestVersion(): number {
    return this.#forgottenVersion
  }

  upsert(object: ApiObject): ApiObject {
    const before = this.#objects.get(keyOf(object))
    const isNew = before === undefined || (object.metadata.uid ?? before.metadata.uid) !== before.metadata.uid
    // The API never lets another uid take a name over: the first is deleted before.
    if (before !== undefined && isNew) this.delete(before)
    const after = this.#stamped(object, isNew ? undefined : before)
    this.#record({ version: this.#version, before: isNew ? undefined : before, after, last: undefined })
    return after
  }

  /** Whether there was such an object, of that uid if it has one; what is handed in is what its DELETED event shows. */
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

  /** What a watch from that version has missed so far. */
  eventsSince(version: number, watched: WatchedObjects): ApiEvent[] {
    return this.#changes.flatMap((change) => (change.version > version ? (eventOf(change, watched) ?? []) : []))
  }

  /** Calls back with each later event; returns what ends that. */
  subscribe(watched: WatchedObjects, onEvent: (event: ApiEvent) => void): () => void {
    const listener = (change: Change) => {
      const event = eventOf(change, watched)
      if (event !== undefined) onEvent(event)
    }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Forgets all changes so far, as etcd's compaction and a restart of the server do; passes one version, as time does. */
  expire(): void {
    this.#version += 1
    this.#forgottenVersion = this.#version
    this.#changes.length = 0
  }

  /** Goes back to an earlier version, as a restored backup does: what is newer has never been. Tells no watch. */
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

/** An object that moves into or out of what is filtered for is told as added or deleted. */
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
