import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds between two looks: each may start a kubectl. */
const LOOK_MS = 500

/** Resolves when the condition holds, which is asked twice a second; rejects when it does not in time. */
export async function until(what: string, isMet: () => Promise<boolean>, deadlineMs = 120_000): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  while (!(await isMet())) {
    if (deadline.aborted) throw new Error(`did not come to be within ${deadlineMs} ms: ${what}`)
    await sleep(LOOK_MS)
  }
}
