import type { Clock } from '../lib/clock.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Tracked } from './tracked-logs.ts'

/** Milliseconds that a log waits for the acks of what another one has read of its files; then these lines come again. */
const SETTLE_MS = 30_000

/** One log leaves its files to another, which goes on behind what is settled, as a restarted agent would. */
export class Handover implements LeftLog {
  readonly from: Tracked
  readonly #to: Tracked
  readonly #clock: Clock
  readonly #untilMs: number
  /** False until the log is closed. */
  #isDelivered: () => boolean

  constructor(from: Tracked, to: Tracked, clock: Clock) {
    this.from = from
    this.#to = to
    this.#clock = clock
    this.#untilMs = clock.monotonic() + SETTLE_MS
    const isOpen = from.open !== undefined
    this.#isDelivered = () => !isOpen
  }

  /** Whether the other log has that file too. */
  canRead({ key }: LogFile): boolean {
    const keys = this.#to.open?.log.keys() ?? []
    return key !== undefined && keys.some((own) => fingerprintIn(own) === fingerprintIn(key))
  }

  left(isDelivered: () => boolean): void {
    this.#isDelivered = isDelivered
  }

  /** Whether all that was read has been delivered, or that takes too long. */
  get isOver(): boolean {
    return this.#isDelivered() || this.#clock.monotonic() >= this.#untilMs
  }
}

/** What ends a key: the file's, whatever log it is one of. */
export function fingerprintIn(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
