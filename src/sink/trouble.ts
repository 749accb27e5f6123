import type { Clock } from '../lib/clock.ts'
import type { Log, SinkFault } from '../model.ts'

/** Milliseconds without a failure after which all is well again; until then failures between successes are one episode. */
const WELL_AFTER_MS = 10_000

/** What keeps a destination from taking entries, told once per kind and episode instead of once per try. */
export class Trouble {
  readonly #clock: Clock
  readonly #log: Log
  readonly #kinds = new Set<string>()
  /** Tries that failed, since the start. */
  failureCount = 0
  #failures = 0
  #fault: SinkFault | undefined
  #lastFailureMs = 0

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /** What the last try met; undefined when it succeeded. */
  get fault(): SinkFault | undefined {
    return this.#fault
  }

  report(kind: string, level: 'warn' | 'error', telling: { readonly message: string; readonly fields: object }): void {
    this.#failures += 1
    this.failureCount += 1
    this.#lastFailureMs = this.#clock.monotonic()
    this.#fault = { kind, sinceMs: this.#fault?.sinceMs ?? this.#lastFailureMs }
    if (this.#kinds.has(kind)) return
    this.#kinds.add(kind)
    this.#log[level](telling.message, telling.fields)
  }

  /** To be called at each success. */
  end(fields: object): void {
    this.#fault = undefined
    if (this.#failures === 0 || this.#clock.monotonic() - this.#lastFailureMs < WELL_AFTER_MS) return
    this.#log.info('the destination takes entries again', { ...fields, failures: this.#failures })
    this.#failures = 0
    this.#kinds.clear()
  }
}
