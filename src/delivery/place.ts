import type { Route } from './route.ts'

/** A batch's place among those of its route: its slot, and its turn where batches keep their order. */
export class Place {
  readonly route: Route
  /** How many batches had been sent before it. */
  readonly index: number
  /** In monotonic milliseconds. */
  readonly sentMs: number
  #isOver = false
  #over: PromiseWithResolvers<void> | undefined

  constructor(route: Route, index: number, sentMs: number) {
    this.route = route
    this.index = index
    this.sentMs = sentMs
  }

  /** Resolves when others may go on before it, or it is done; undefined when that is so already. */
  over(): Promise<void> | undefined {
    if (this.#isOver) return undefined
    this.#over ??= Promise.withResolvers()
    return this.#over.promise
  }

  /** The batches behind it need not wait for it any more. */
  letPass(): void {
    this.#isOver = true
    this.#over?.resolve()
  }
}
