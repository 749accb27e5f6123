import type { Route } from './route.ts'

/** A batch's place in its route: its slot, and its turn if batches must keep their order. */
export class Place {
  readonly route: Route
  /** How many batches were sent before it. */
  readonly index: number
  /** Monotonic milliseconds. */
  readonly sentMs: number
  /** Wait for it first. */
  readonly before: Promise<void> | undefined
  #isOver = false
  #over: PromiseWithResolvers<void> | undefined

  constructor(route: Route, { index, sentMs, before }: Pick<Place, 'index' | 'sentMs' | 'before'>) {
    this.route = route
    this.index = index
    this.sentMs = sentMs
    this.before = before
  }

  /** Resolves when later batches may be sent, or this one is done; undefined if they already may. */
  over(): Promise<void> | undefined {
    if (this.#isOver) return undefined
    this.#over ??= Promise.withResolvers()
    return this.#over.promise
  }

  /** Later batches need not wait for it any more. */
  letPass(): void {
    this.#isOver = true
    this.#over?.resolve()
  }
}
