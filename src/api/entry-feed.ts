import type { ContainerRef } from '../model/container-ref.ts'
import type { EntryTap } from '../model/entry-tap.ts'

/** Who is offered entries. */
export interface EntryReader {
  offer(ref: ContainerRef, entries: Uint8Array): void
}

/** Passes on what the agent sends to whoever looks; while nobody does, it is closed, and costs nothing. */
export class EntryFeed implements EntryTap {
  readonly #readers = new Map<EntryReader, (error: unknown) => void>()

  get isOpen(): boolean {
    return this.#readers.size > 0
  }

  get readerCount(): number {
    return this.#readers.size
  }

  offer(ref: ContainerRef, entries: Uint8Array): void {
    for (const [reader, onFault] of this.#readers) {
      try {
        reader.offer(ref, entries)
      } catch (error) {
        // It would end the agent's one loop, and again after each restart: the reader comes back, and so do the entries.
        this.#readers.delete(reader)
        onFault(error)
      }
    }
  }

  /** `onFault`: told when the reader has thrown; it is offered nothing any more. */
  add(reader: EntryReader, onFault: (error: unknown) => void): void {
    this.#readers.set(reader, onFault)
  }

  remove(reader: EntryReader): void {
    this.#readers.delete(reader)
  }
}
