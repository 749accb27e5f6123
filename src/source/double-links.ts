import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../model/log.ts'
import { Handover } from './handover.ts'
import type { Tracked, TrackedLogs } from './tracked-logs.ts'

export interface DoubleContext {
  readonly logs: TrackedLogs
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
}

/** Of two links to one file: whose log reads it from now on, and whose does not. */
export interface Double {
  readonly reader: Tracked
  readonly leftOut: Tracked
}

/**
 * Looks whether another link leads to the file that a log has just opened, before any of it is read. Of two the newest counts: the old one
 * is that of a container that is dead, or an old kubelet's. What was delivered for one is not read again for the other.
 */
export async function settleDouble(
  tracked: Tracked,
  { logs, directory, clock, log }: DoubleContext,
): Promise<Double | undefined> {
  if (!logs.hasNewLive(tracked)) return undefined
  await tracked.open?.log.identify() // the other one may be through with a file that was empty when this one opened it
  const other = logs.doubleOf(tracked)
  if (other === undefined) return undefined
  const [leftOut, reader] = isNewerLink(tracked, other, directory) ? [other, tracked] : [tracked, other]
  const fields = { path: reader.path, link: reader.name, leftOut: leftOut.name }
  log.warn('two links lead to one log: it is read once, as that of the newest', fields)
  leftOut.isDouble = true
  const leaving = new Handover(leftOut, reader, clock)
  leftOut.leaving = leaving
  // What the one that is left out waits for itself, the other waits for now.
  if (reader.activeMs === 0) reader.handovers.push(...leftOut.handovers.splice(0), leaving)
  await leftOut.open?.log.yieldTo(leaving)
  return { reader, leftOut }
}

/** By the container's restarts, where they are the same container's; else by when the link was made, or found. */
function isNewerLink(one: Tracked, other: Tracked, directory: string): boolean {
  const isSameContainer = one.ref.uid === other.ref.uid && one.ref.container === other.ref.container
  const restarts = (one.ref.restartCount ?? 0) - (other.ref.restartCount ?? 0)
  if (isSameContainer && restarts !== 0) return restarts > 0
  const madeMs = ({ name }: Tracked) => lstatSync(join(directory, name), { throwIfNoEntry: false })?.ctimeMs ?? 0
  const laterMs = madeMs(one) - madeMs(other) || one.foundMs - other.foundMs
  return laterMs > 0
}
