import type { ContainerRef, EntryTap } from '../model.ts'

/** Who is offered entries. */
export interface EntryReader {
  offer(ref: ContainerRef, entries: Uint8Array): void
}

/** Passes on what the agent sends to whoever looks; while nobody does, it is closed, and costs nothing. */
export class EntryFeed implements EntryTap {
  readonly #readers = new Set<EntryReader>()

  get isOpen(): boolean {
    return this.#readers.size > 0
  }

  get readerCount(): number {
    return this.#readers.size
  }

  offer(ref: ContainerRef, entries: Uint8Array): void {
    for (const reader of this.#readers) reader.offer(ref, entries)
  }

  add(reader: EntryReader): void {
    this.#readers.add(reader)
  }

  remove(reader: EntryReader): void {
    this.#readers.delete(reader)
  }
}
