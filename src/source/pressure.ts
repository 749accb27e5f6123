import { keptBytes, type Rotation, secondsToLossOf } from '../lib/loss-horizon.ts'
import type { ContainerLog } from './container-log.ts'
import type { HeldBudget } from './held-budget.ts'
import type { Tracked } from './tracked-logs.ts'

/** A budget gives way once so much of what the kubelet keeps is unread, and holds again once it is so little. */
const YIELD_SHARE = 1 / 2
const HOLD_SHARE = 1 / 4

/** What is looked at of a log. */
export interface Pressed
  extends Pick<Tracked, 'readBytes' | 'written' | 'secondsToLoss'>,
    Readonly<Pick<Tracked, 'goneMs' | 'yields'>> {
  readonly open: { readonly log: Pick<ContainerLog, 'unreadBytes' | 'held' | 'hasDeleted'> } | undefined
}

/** Looks how far the log is behind, and how fast it is written; returns its unread bytes. */
export async function measure(tracked: Pressed, rotation: Rotation, nowMs: number): Promise<number> {
  const unreadBytes = (await tracked.open?.log.unreadBytes()) ?? 0
  const bytes = tracked.readBytes + unreadBytes
  const before = tracked.written
  const seconds = before === undefined ? 0 : (nowMs - before.atMs) / 1000
  // Less than before if bytes were lost, or a compressed file counted for more.
  const isKnown = before !== undefined && seconds > 0 && bytes >= before.bytes
  const bytesPerSecond = isKnown ? (bytes - before.bytes) / seconds : before?.bytesPerSecond
  tracked.written = { atMs: nowMs, bytes, bytesPerSecond }
  const isBehind = unreadBytes > rotation.maxBytes && bytesPerSecond !== undefined
  tracked.secondsToLoss = isBehind ? secondsToLossOf(unreadBytes, bytesPerSecond, rotation) : Number.POSITIVE_INFINITY
  return unreadBytes
}

export interface Keeping {
  readonly rotation: Rotation
  /** What of rotated and deleted files one log may keep open. */
  readonly held: HeldBudget
}

/**
 * Whether the log has to be read whatever its budget, as its lines would be lost otherwise: the kubelet has deleted a file that is not read, or is about
 * to; or deletes the log; or Loggy could not keep the file open.
 */
export async function mustYield(
  { open, goneMs, yields }: Pressed,
  { rotation, held }: Keeping,
  unreadBytes: number,
): Promise<boolean> {
  if (goneMs !== undefined || open === undefined) return goneMs !== undefined
  const share = yields ? HOLD_SHARE : YIELD_SHARE
  const { bytes, files } = await open.log.held()
  const isMuch =
    unreadBytes > keptBytes(rotation) * share || bytes > held.maxBytes * share || files > held.maxFiles * share
  return isMuch || (await open.log.hasDeleted())
}
