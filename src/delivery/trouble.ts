import type { Clock } from '../lib/clock.ts'
import type { SinkFault } from '../model/sink.ts'
import type { Log } from '../model.ts'

/** Milliseconds without a failure after which all is well again; until then failures between successes are one episode. */
const WELL_AFTER_MS = 10_000

export interface TroubleParts {
  readonly clock: Clock
  readonly log: Log
  /** Which destination it is, for the log. */
  readonly fields: object
}

/** What keeps a destination from taking entries, said once per kind and episode instead of once per try. */
export class Trouble {
  readonly #parts: TroubleParts
  readonly #kinds = new Set<string>()
  #failures = 0
  #fault: SinkFault | undefined
  #lastFailureMs = 0

  constructor(parts: TroubleParts) {
    this.#parts = parts
  }

  /** What the last try met; undefined when it succeeded. */
  get fault(): SinkFault | undefined {
    return this.#fault
  }

  report(kind: string, level: 'warn' | 'error', said: { readonly message: string; readonly error: string }): void {
    const { clock, log, fields } = this.#parts
    this.#failures += 1
    this.#lastFailureMs = clock.monotonic()
    this.#fault = { kind, sinceMs: this.#fault?.sinceMs ?? this.#lastFailureMs }
    if (this.#kinds.has(kind)) return
    this.#kinds.add(kind)
    log[level](said.message, { ...fields, error: said.error })
  }

  /** To be called at each success. */
  end(): void {
    this.#fault = undefined
    const { clock, log, fields } = this.#parts
    if (this.#failures === 0 || clock.monotonic() - this.#lastFailureMs < WELL_AFTER_MS) return
    log.info('the destination takes entries again', { ...fields, failures: this.#failures })
    this.#failures = 0
    this.#kinds.clear()
  }
}
