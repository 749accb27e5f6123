import { fieldsOf, textOf } from './fields.ts'
import type { WatchEvent } from './watch.ts'

/** Collects the objects with which a streaming list begins. None of these events has a version to go on from: they come in any order. */
export class StreamedList<T> {
  readonly #project: (object: unknown) => T | undefined
  /** By uid. */
  readonly #records = new Map<string, T>()

  constructor(project: (object: unknown) => T | undefined) {
    this.#project = project
  }

  /** Returns all objects once the event is the bookmark that ends the list. */
  take(event: WatchEvent): T[] | undefined {
    if (event.kind === 'bookmark') return event.endsList ? [...this.#records.values()] : undefined
    const { uid, name } = fieldsOf(fieldsOf(event.object).metadata)
    const key = textOf(uid) ?? String(name)
    const record = event.kind === 'delete' ? undefined : this.#project(event.object)
    if (record === undefined) this.#records.delete(key)
    else this.#records.set(key, record)
    return undefined
  }
}
