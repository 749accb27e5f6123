import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { LogStatus } from '../model/log-status.ts'
import type { Tracked } from './tracked-logs.ts'

/** How far a log has been read. If its files cannot be checked, the status has the fault. */
export async function statusOf({ ref, path, admission, open, fault }: Tracked, clock: Clock): Promise<LogStatus> {
  const about = { ref, path, state: admission ?? 'wait', fault }
  const nothing = { reading: undefined, lagBytes: 0, lagSeconds: 0, openFiles: 0, heldFiles: 0, heldBytes: 0 }
  if (open === undefined) return { ...about, ...nothing }
  try {
    const { unreadSinceMs, ...progress } = await open.log.progress()
    const lagSeconds = unreadSinceMs === undefined ? 0 : Math.max(0, clock.now() - unreadSinceMs) / 1000
    return { ...about, ...progress, lagSeconds }
  } catch (error) {
    return { ...about, ...nothing, openFiles: open.log.openCount, fault: fault ?? describeError(error) }
  }
}
