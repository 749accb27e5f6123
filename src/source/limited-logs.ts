import type { Bucket } from '../lib/bucket.ts'
import type { Clock } from '../lib/clock.ts'
import type { Rotation } from '../lib/loss-horizon.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LimitStatus } from '../model/limit.ts'
import type { Log } from '../model/log.ts'
import { Delays } from './delays.ts'
import type { HeldBudget } from './held-budget.ts'
import { measure, mustYield } from './pressure.ts'
import type { Tracked } from './tracked-logs.ts'

export interface LimitedLogsParts {
  readonly clock: Clock
  readonly log: Log
  readonly rotation: Rotation
  /** How much of rotated and deleted files all logs together may keep open. */
  readonly held: HeldBudget
  /** The budget of a container whose excess is read later; undefined for none. */
  bucketOf(ref: ContainerRef): Bucket | undefined
  /** Called when a log may be read again. */
  wake(tracked: Tracked): void
}

/** The budgets of logs, and when they give way: before a line is lost. */
export class LimitedLogs {
  /** How often one gave way. */
  yields = 0
  readonly #parts: LimitedLogsParts
  readonly #delays: Delays<Tracked>
  #isHurried = false

  constructor(parts: LimitedLogsParts) {
    this.#parts = parts
    const bucketOf = (ref: ContainerRef) => (this.#isHurried ? undefined : parts.bucketOf(ref))
    this.#delays = new Delays({ ...parts, bucketOf })
  }

  /** Whether the log waits for its budget. */
  isDelayed(tracked: Tracked): boolean {
    return this.#delays.has(tracked)
  }

  /** The logs that wait for their budgets. */
  get delayed(): Iterable<Tracked> {
    return this.#delays
  }

  /** Logs that wait, and for how long they have, all together. */
  get figures(): { readonly logs: number; readonly seconds: number } {
    return { logs: this.#delays.size, seconds: this.#delays.waitedSeconds }
  }

  stateOf(tracked: Tracked | undefined): LimitStatus['state'] {
    if (tracked === undefined) return 'within'
    if (this.#delays.has(tracked)) return 'delayed'
    return tracked.yields ? 'yielding' : 'within'
  }

  /** Whether the log must wait. Then it is woken when it may be read. Of a log whose link is gone the files are, or will be in a moment. */
  holdsBack(tracked: Tracked): boolean {
    if (tracked.goneMs !== undefined) tracked.yields = true
    return this.#delays.holdsBack(tracked)
  }

  /** See Delays. */
  bytesFor(tracked: Tracked): number {
    return this.#delays.bytesFor(tracked)
  }

  limit(tracked: Tracked, chunk: Chunk): Chunk {
    return this.#delays.limit(tracked, chunk)
  }

  spend(tracked: Tracked, byteCount: number): boolean {
    return this.#delays.spend(tracked, byteCount)
  }

  /** The log is read to its end, for now. */
  rest(tracked: Tracked): void {
    tracked.secondsToLoss = Number.POSITIVE_INFINITY
    tracked.yields = false
  }

  forget(tracked: Tracked): void {
    this.#delays.remove(tracked)
  }

  /** For a log that has not been read to its end for a while: looks how long its unread lines are there, and whether its budget has to give way. */
  async weigh(tracked: Tracked, maxHeldFiles: number): Promise<void> {
    const { clock, rotation, held, log, wake } = this.#parts
    const unreadBytes = await measure(tracked, rotation, clock.monotonic())
    if (!this.#delays.has(tracked) && !tracked.yields) return
    this.#delays.lookAgain(tracked)
    const logs = Math.max(1, this.#delays.size)
    const each = { maxBytes: held.maxBytes / logs, maxFiles: Math.min(held.maxFiles, maxHeldFiles) / logs }
    const yields = await mustYield(tracked, { rotation, held: each }, unreadBytes)
    if (yields && !tracked.yields) {
      this.yields += 1
      const message =
        'a log is read faster than its limit allows, as its lines would be deleted unread: it writes more than its limit'
      log.warn(message, { ...tracked.ref, unreadBytes })
    }
    tracked.yields = yields
    if (yields) wake(tracked)
  }

  /** From now on all is read without regard to budgets: the agent will not come back to these files. */
  hurry(): void {
    if (this.#isHurried) return
    this.#isHurried = true
    for (const tracked of [...this.#delays]) this.#parts.wake(tracked)
  }

  close(): void {
    this.#delays.close()
  }
}
