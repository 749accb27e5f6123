import type { ContainerLog } from './container-log.ts'
import type { Tracked } from './tracked-logs.ts'

/** Most logs are, and to ask costs 5 µs; a turn of each of 500 cost 170 ms of CPU. */
export function isAtRest(log: ContainerLog): boolean {
  try {
    return log.isAtRest
  } catch {
    return false // its turn meets the same error, and tells it
  }
}

/** Whether it has whole lines to read, and stands where it stood at the look before. */
export async function isStuck(tracked: Tracked, log: ContainerLog): Promise<boolean> {
  const behindAt = await log.behindAt().catch(() => undefined) // its turn meets the same error, and tells it
  const isStill = behindAt !== undefined && behindAt === tracked.behindAt
  tracked.behindAt = behindAt
  return isStill
}
