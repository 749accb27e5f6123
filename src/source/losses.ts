import type { Generation } from './generation.ts'
import type { Loss } from './turn.ts'

/** A loss without its place. It is certain, unless `isSuspected`. */
export type LossFound = Omit<Loss, 'kind' | 'isSuspected'> & { readonly isSuspected?: boolean }

/** The losses of one log that are not reported yet, each with its place between the files. */
export class Losses {
  readonly #waiting: { readonly loss: Loss; readonly before: Generation | undefined }[] = []

  /** `before`: report it before the first byte of that file; undefined: at once. */
  add(found: LossFound, before?: Generation): void {
    this.#waiting.push({ loss: { kind: 'lost', isSuspected: false, ...found }, before })
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** The next loss to report before `oldest` is read; `isOpen` says which files are still to be read. */
  take(oldest: Generation | undefined, isOpen: (file: Generation) => boolean): Loss | undefined {
    const index = this.#waiting.findIndex(({ before }) => before === undefined || before === oldest || !isOpen(before))
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0]?.loss
  }
}
