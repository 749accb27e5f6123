import type { ContainerLog } from './container-log.ts'
import { statIfThere } from './rotation.ts'
import type { Tracked } from './tracked-logs.ts'

/** Most logs are idle. This check costs 5 µs; a turn for each of 500 logs cost 170 ms of CPU. */
export function isAtRest(log: ContainerLog): boolean {
  return unlessItFails(() => log.isAtRest)
}

/** Whether it has nothing unread now. A link that leads nowhere has nothing either: its pod's logs are deleted, or not there yet. */
export function isReadUp({ open, path }: Tracked): boolean {
  if (open !== undefined && (!open.log.isEmpty || open.log.isParked)) return isAtRest(open.log)
  return unlessItFails(() => statIfThere(path) === undefined)
}

/** False if the system does not let anyone look: the log's turn will get the same error, and report it. */
function unlessItFails(look: () => boolean): boolean {
  try {
    return look()
  } catch {
    return false
  }
}

/** Whether it has complete unread lines, and its read position is the same as at the check before. */
export async function isStuck(tracked: Tracked, log: ContainerLog): Promise<boolean> {
  const behindAt = await log.behindAt().catch(() => undefined) // its turn will get the same error, and report it
  const isStill = behindAt !== undefined && behindAt === tracked.behindAt
  tracked.behindAt = behindAt
  return isStill
}
