import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds: for a loaded machine. A wait that is not in vain ends when its condition holds. */
const USUAL_TIMEOUT_MS = 60_000

/** Milliseconds between two looks, the one after a condition that takes no time. */
const LEAST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 50
/** The same after a wait of 0.4 s: what takes long is told a twentieth later at the most. */
const PATIENT_PAUSE_MS = 20
const PATIENCE = 1 / 20

/**
 * Waits until none is missing; rejects when their number has stayed the same for `withinMs`. What goes on slowly, as on a loaded machine, is
 * waited for.
 */
export async function waitUntilNoneMissing(what: string, missing: () => number, withinMs: number): Promise<void> {
  let least = missing()
  while (least > 0) {
    const before = least
    await waitUntil(
      what,
      () => {
        least = missing()
        return least < before
      },
      withinMs,
    )
  }
}

/** Resolves when the condition holds; rejects when it does not within `timeoutMs`, saying what was waited for. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = USUAL_TIMEOUT_MS,
): Promise<void> {
  const begunMs = performance.now()
  const deadline = begunMs + timeoutMs
  for (;;) {
    const startMs = performance.now()
    if (await condition()) return
    const endMs = performance.now()
    if (endMs > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    // A browser or another process is asked a fifth of the time at the most: it has to do what is waited for.
    const patientMs = Math.min(PATIENT_PAUSE_MS, (endMs - begunMs) * PATIENCE)
    await sleep(Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, patientMs, 4 * (endMs - startMs))))
  }
}
