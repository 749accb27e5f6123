import type { Figures } from './figures.ts'

/**
 * Milliseconds. The loop comes round each second, under back-pressure too. Half a minute is more than opening thousands of files, a
 * starved node or a slow disk costs, and no more than the last acks are waited for at the end.
 */
const STILL_MS = 30_000
/** Milliseconds. A request has 30 s by default, and one that is tried again after a short fault is through by then. */
const STALLED_MS = 60_000

/** What keeps the agent from being well, a sentence each; empty when nothing does. */
export type Reasons = readonly string[]

/** Whether a restart would help: only a loop that stands still is a reason, a destination or an API server that fails is none. */
export function lifeReasons({ loop }: Pick<Figures, 'loop'>): Reasons {
  const { silentMs } = loop
  return silentMs > STILL_MS ? [`The agent's loop has not come round for ${seconds(silentMs)}.`] : []
}

/** Whether entries go on their way, with their metadata. */
export function readinessReasons(
  figures: Pick<Figures, 'loop' | 'metadata' | 'deliveries' | 'source'>,
  nowMs: number,
): Reasons {
  const { metadata, deliveries } = figures
  const { limit, unopened } = figures.source.descriptors
  const reasons = [...lifeReasons(figures)]
  if (!metadata.isComplete) reasons.push('The first list of pods has not come yet.')
  for (const { fault, oldestMs } of deliveries) {
    if (fault !== undefined) {
      const { kind, sinceMs } = fault
      reasons.push(`The last try to deliver failed (${kind}), and none has succeeded for ${seconds(nowMs - sinceMs)}.`)
    }
    if (oldestMs > STALLED_MS) {
      reasons.push(`The destination has not acknowledged a batch that was sent ${seconds(oldestMs)} ago.`)
    }
  }
  if (unopened > 0) {
    reasons.push(
      `${unopened} logs cannot be opened: the process may have ${limit} files open (RLIMIT_NOFILE), and needs all of them for others.`,
    )
  }
  return reasons
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`
}
