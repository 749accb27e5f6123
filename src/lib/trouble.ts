import type { Clock } from './clock.ts'

/** What the last try met. */
export interface TroubleFault {
  /** Such as `HTTP 503`, `ENOSPC`: stays the same while it is the same fault. */
  readonly kind: string
  /** When the first of the tries failed that have failed since the last success, in monotonic milliseconds. */
  readonly sinceMs: number
}

/**
 * A time during which tries fail, perhaps with successes between them. Tells which failures are news, so that each kind is
 * reported once until the trouble is over, instead of once per try.
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

  /** `quietMs`: since the last failure; a success ends the trouble only when as much time has passed. */
  constructor(clock: Clock, { quietMs = 0 }: { readonly quietMs?: number } = {}) {
    this.#clock = clock
    this.#quietMs = quietMs
  }

  /** Undefined when the last try succeeded. */
  get fault(): TroubleFault | undefined {
    return this.#fault
  }

  /** Whether there was a failure of that kind since the trouble began. */
  has(kind: string): boolean {
    return this.#kinds.has(kind)
  }

  /** Notes a failure. Returns whether it is the first of its kind since the trouble began, so that it is to be reported. */
  note(kind: string): boolean {
    this.#lastFailureMs = this.#clock.monotonic()
    this.#fault = { kind, sinceMs: this.#fault?.sinceMs ?? this.#lastFailureMs }
    this.#failures += 1
    this.failureCount += 1
    const isNews = !this.#kinds.has(kind)
    this.#kinds.add(kind)
    return isNews
  }

  /** Notes a success. Returns how many failures the trouble had that is over with it, 0 if none is: then there is nothing to report. */
  end(): number {
    this.#fault = undefined
    const failures = this.#failures
    if (failures === 0 || this.#clock.monotonic() - this.#lastFailureMs < this.#quietMs) return 0
    this.#failures = 0
    this.#kinds.clear()
    return failures
  }
}
