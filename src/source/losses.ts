import type { Generation } from './generation.ts'
import type { Loss } from './turn.ts'

/** What is known of a loss besides its place: it is certain unless told otherwise. */
export type LossFound = Omit<Loss, 'kind' | 'isSuspected'> & { readonly isSuspected?: boolean }

/** Losses of one log that are still to be told, each at its place between the files. */
export class Losses {
  readonly #waiting: { readonly loss: Loss; readonly before: Generation | undefined }[] = []

  /** `before`: it is to be told before the first byte of that file; undefined: at once. */
  add(found: LossFound, before?: Generation): void {
    this.#waiting.push({ loss: { kind: 'lost', isSuspected: false, ...found }, before })
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** The next one that is to be told before `oldest` is read on; `isOpen` says which files are still to be read. */
  take(oldest: Generation | undefined, isOpen: (file: Generation) => boolean): Loss | undefined {
    const index = this.#waiting.findIndex(({ before }) => before === undefined || before === oldest || !isOpen(before))
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0]?.loss
  }
}
