import type { LineCounters } from '../model/line-counters.ts'

/**
 * They balance: `lines` = `repeated` (delivered by an earlier run) + `joined` (partials, also held ones, and lines joined to the one before) + `filtered` (below the minimum
 * level) + `sampled` (over a limit) + `entries` - `unfinished` - `losses` - `summaries` (entries without a last line); `entries` = `delivered` + `deadLettered` + those in flight.
 * `summaries`: entries that tell of what was `sampled`. `groups`: entries of several lines; `grouped`: their lines; `cut`: those of them that were too long.
 */
export function noLines(): Record<keyof LineCounters, number> {
  return {
    bytes: 0,
    lines: 0,
    repeated: 0,
    joined: 0,
    filtered: 0,
    sampled: 0,
    sampledBytes: 0,
    summaries: 0,
    entries: 0,
    unfinished: 0,
    losses: 0,
    lostBytes: 0,
    delivered: 0,
    deadLettered: 0,
    malformed: 0,
    truncated: 0,
    groups: 0,
    grouped: 0,
    cut: 0,
  }
}

/** Adds to each of the total's counters. */
export function addLines(counters: LineCounters, total: Record<keyof LineCounters, number>): void {
  for (const name of Object.keys(total) as (keyof LineCounters)[]) total[name] += counters[name]
}
