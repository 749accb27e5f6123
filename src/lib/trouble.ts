import type { Clock } from './clock.ts'

/** The fault of the last try. */
export interface TroubleFault {
  /** Such as `HTTP 503` or `ENOSPC`; the same text as long as it is the same fault. */
  readonly kind: string
  /** Time of the first failure since the last success, in monotonic milliseconds. */
  readonly sinceMs: number
}

/**
 * A period in which tries fail, perhaps with successes in between. Reports each kind of failure as new only once until the period is
 * over, so that it is logged once and not at every try.
 */
export class Trouble {
  readonly #clock: Clock
  readonly #quietMs: number
  readonly #kinds = new Set<string>()
  #fault: TroubleFault | undefined
  #failures = 0
  #lastFailureMs = 0
  /** Failures since the start. */
  failureCount = 0

  /** `quietMs`: a success ends the trouble only if the last failure was at least so long ago. */
  constructor(clock: Clock, { quietMs = 0 }: { readonly quietMs?: number } = {}) {
    this.#clock = clock
    this.#quietMs = quietMs
  }

  /** Undefined when the last try succeeded. */
  get fault(): TroubleFault | undefined {
    return this.#fault
  }

  /** Whether a failure of that kind was noted since the trouble began. */
  has(kind: string): boolean {
    return this.#kinds.has(kind)
  }

  /** Notes a failure. Returns true if it is the first of its kind since the trouble began; then the caller logs it. */
  note(kind: string): boolean {
    this.#lastFailureMs = this.#clock.monotonic()
    this.#fault = { kind, sinceMs: this.#fault?.sinceMs ?? this.#lastFailureMs }
    this.#failures += 1
    this.failureCount += 1
    const isNews = !this.#kinds.has(kind)
    this.#kinds.add(kind)
    return isNews
  }

  /** Notes a success. If it ends the trouble, returns the number of failures in it, otherwise 0. */
  end(): number {
    this.#fault = undefined
    const failures = this.#failures
    if (failures === 0 || this.#clock.monotonic() - this.#lastFailureMs < this.#quietMs) return 0
    this.#failures = 0
    this.#kinds.clear()
    return failures
  }
}
