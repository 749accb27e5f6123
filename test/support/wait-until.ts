import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds: for a loaded machine. A wait that is not in vain ends when its condition holds. */
const USUAL_TIMEOUT_MS = 60_000

/** Resolves when the condition holds; rejects when it does not within `timeoutMs`, saying what was waited for. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = USUAL_TIMEOUT_MS,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    await sleep(5)
  }
}
