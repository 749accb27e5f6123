import type { Clock } from '../lib/clock.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Tracked } from './tracked-logs.ts'

/** Milliseconds that a log waits for the acks of what another one has read of its files. After that, these lines are sent again. */
const SETTLE_MS = 30_000

/** A log whose files another log takes over. The other one continues after the settled positions, like a restarted agent. */
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

  /** Whether the other log has that file too. It may only know it from an earlier run, while it is deleted now. */
  canRead({ key }: LogFile): boolean {
    const keys = this.#to.open?.log.keysAtHand() ?? []
    return keys.some((own) => areOfOneFile(own, key))
  }

  left(isDelivered: () => boolean): void {
    this.#isDelivered = isDelivered
  }

  /** Whether everything that was read has been delivered, or the time for that is over. */
  get isOver(): boolean {
    return this.#isDelivered() || this.#clock.monotonic() >= this.#untilMs
  }
}

/** Whether two logs' keys are those of one file: its first line is in both. */
export function areOfOneFile(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && fingerprintIn(one) === fingerprintIn(other)
}

/** The last part of a key: it depends only on the file, not on the log. */
export function fingerprintIn(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
