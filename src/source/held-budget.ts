import type { ContainerLog } from './container-log.ts'

/** Limits for rotated or deleted files that are kept open, over all containers. */
export interface HeldBudget {
  readonly maxBytes: number
  readonly maxFiles: number
}

/**
 * Drops files until the rest is within the budget: the oldest file of the container with the most unread bytes first.
 * Returns the logs that have lost a file; each reports the loss at its next turn.
 */
export async function dropOverBudget(logs: Iterable<ContainerLog>, budget: HeldBudget): Promise<Set<ContainerLog>> {
  const losers = new Set<ContainerLog>()
  const held: { readonly log: ContainerLog; files: number; bytes: number }[] = []
  for (const log of logs) if (log.isHolding) held.push({ log, ...(await log.held()) })
  for (;;) {
    const files = held.reduce((sum, one) => sum + one.files, 0)
    const bytes = held.reduce((sum, one) => sum + one.bytes, 0)
    const rule =
      bytes > budget.maxBytes ? 'source.held.maxBytes' : files > budget.maxFiles ? 'source.held.maxFiles' : undefined
    const noisiest = held.toSorted((a, b) => b.bytes - a.bytes || b.files - a.files).find((one) => one.files > 0)
    if (rule === undefined || noisiest === undefined) return losers
    await noisiest.log.dropOldest(`${rule} was exceeded`)
    losers.add(noisiest.log)
    Object.assign(noisiest, await noisiest.log.held())
  }
}
