import type { ContainerRef } from '../model/container-ref.ts'
import type { EntryTap } from '../model/entry-tap.ts'

/** Receives a copy of the entries. */
export interface EntryReader {
  offer(ref: ContainerRef, entries: Uint8Array): void
}

/** Passes copies of the entries to the current readers. Closed while there are none, and then costs nothing. */
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
        // The error would end the agent's loop, and again after each restart: the reader reconnects and the entries are the same.
        this.#readers.delete(reader)
        onFault(error)
      }
    }
  }

  /** `onFault` is called if the reader throws; the reader gets no more entries then. */
  add(reader: EntryReader, onFault: (error: unknown) => void): void {
    this.#readers.set(reader, onFault)
  }

  remove(reader: EntryReader): void {
    this.#readers.delete(reader)
  }
}
