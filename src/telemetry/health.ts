import type { Figures } from './figures.ts'

/**
 * Milliseconds. The loop turns every second, also under back-pressure. Half a minute is longer than opening thousands of files, a
 * node without CPU or a slow disk can take, and not shorter than the wait for the last acks at shutdown.
 */
const STILL_MS = 30_000
/** Milliseconds. A request times out after 30 s by default, so a retry after a short fault is done by then. */
const STALLED_MS = 60_000

/** Why the agent is not alive or not ready, one sentence each; empty if it is. */
export type Reasons = readonly string[]

/** Whether a restart would help. Only a loop that hangs is a reason; a failing destination or API server is not. */
export function lifeReasons({ loop }: Pick<Figures, 'loop'>): Reasons {
  const { silentMs } = loop
  return silentMs > STILL_MS ? [`The agent's loop has not turned for ${seconds(silentMs)}.`] : []
}

/** Whether entries are being delivered, with their metadata. */
export function readinessReasons(
  figures: Pick<Figures, 'loop' | 'metadata' | 'deliveries' | 'source'>,
  nowMs: number,
): Reasons {
  const { metadata, deliveries } = figures
  const { limit, unopened } = figures.source.descriptors
  const reasons = [...lifeReasons(figures), ...figures.source.obstacles]
  if (!metadata.isComplete) reasons.push('The first list of pods has not arrived yet.')
  for (const { fault, oldestMs } of deliveries) {
    if (fault !== undefined) {
      const { kind, sinceMs } = fault
      reasons.push(
        `The last delivery attempt failed (${kind}), and none has succeeded for ${seconds(nowMs - sinceMs)}.`,
      )
    }
    if (oldestMs > STALLED_MS) {
      reasons.push(`The destination has not acknowledged a batch that was sent ${seconds(oldestMs)} ago.`)
    }
  }
  if (unopened > 0) {
    reasons.push(
      `${unopened} logs cannot be opened: the process may have ${limit} files open (RLIMIT_NOFILE), and all of them are in use.`,
    )
  }
  return reasons
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`
}
