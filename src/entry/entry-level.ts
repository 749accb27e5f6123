import { LEVELS, type Level } from '../model/level.ts'
import type { Entry } from './entry.ts'

/** The level that the agent has found; that of a loss is `error`, and that of lines left out `warn`. */
export function levelOf({ level, lost, sampled }: Entry): Level | undefined {
  if (sampled !== undefined) return 'warn'
  return lost === undefined ? LEVELS.find((known) => known === level) : 'error'
}

/** Whether the entry's level is at least `least`. An entry without a level is kept, as by `select.minLevel`: better one too many than one missing. */
export function isAtLeast(least: Level, entry: Entry): boolean {
  const level = levelOf(entry)
  return level === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(least)
}
