import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../model/log.ts'
import { Handover } from './handover.ts'
import type { Tracked, TrackedLogs } from './tracked-logs.ts'

export interface DoubleContext {
  readonly logs: Pick<TrackedLogs, 'doubleOf' | 'open'>
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
}

/** Two links to one file: the log that reads it from now on, and the one that does not. */
export interface Double {
  readonly reader: Tracked
  readonly leftOut: Tracked
}

/**
 * Decides which of two logs reads the file of both links. `tracked` has just opened it, and not read any of it. The newer link wins: the older
 * one belongs to a dead container, or was made by an earlier kubelet. What was delivered for one log is not read again for the other.
 */
export async function settleDouble(
  tracked: Tracked,
  { logs, directory, clock, log }: DoubleContext,
): Promise<Double | undefined> {
  await tracked.open?.log.identify() // the other log may have finished a file that was empty when this one opened it
  const other = logs.doubleOf(tracked)
  if (other === undefined) return undefined
  const [leftOut, reader] = isNewerLink(tracked, other, directory) ? [other, tracked] : [tracked, other]
  // Only once it has opened its files is it known what it can read, and that this is not deleted before its turn. It may have had a turn
  // without opening any, for lack of descriptors.
  await logs.open(reader).hold()
  const fields = { path: reader.path, link: reader.name, leftOut: leftOut.name }
  log.warn('two links lead to one log: only the newer link is read', fields)
  const leaving = new Handover(leftOut, reader, clock)
  leftOut.leaving = leaving
  // What the excluded log is still waiting for, the reader must now wait for too: the excluded one may have files of its own left to read.
  if (reader.activeMs === 0) reader.handovers.push(...leftOut.handovers, leaving)
  await leftOut.open?.log.yieldTo((file) => reader.open?.log.hasOpen(file) === true || leaving.canRead(file))
  return { reader, leftOut }
}

/** Compares restart counts, if both are of the same container; otherwise the times when the links were created or found. */
function isNewerLink(one: Tracked, other: Tracked, directory: string): boolean {
  const isSameContainer = one.ref.uid === other.ref.uid && one.ref.container === other.ref.container
  const restarts = (one.ref.restartCount ?? 0) - (other.ref.restartCount ?? 0)
  if (isSameContainer && restarts !== 0) return restarts > 0
  const createdMs = ({ name }: Tracked) => lstatSync(join(directory, name), { throwIfNoEntry: false })?.ctimeMs ?? 0
  const laterMs = createdMs(one) - createdMs(other) || one.foundMs - other.foundMs
  return laterMs > 0
}
