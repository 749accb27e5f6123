import { parseObject } from '../lib/json-object.ts'
import { LEVELS, type Level } from '../model/level.ts'
import { rankInJson, rankInText } from '../pipeline/level.ts'
import type { Entry } from './entry.ts'

/** Characters in which to look for a text's level, as the agent does. */
const HEAD_CHARACTERS = 256
/** Characters; parsing a longer line only for its level would take too long. */
const LONGEST_PARSED = 16_384

/** The entry's level, or else what its line says; that of a loss is `error`. */
export function levelOf(entry: Entry): Level | undefined {
  const { level, json, lost, log } = entry
  if (lost !== undefined) return 'error'
  const given = LEVELS.find((known) => known === level)
  if (given !== undefined) return given
  const object = json ?? (log.startsWith('{') && log.length <= LONGEST_PARSED ? parseObject(log) : undefined)
  const rank = object === undefined ? rankInText(log.slice(0, HEAD_CHARACTERS)) : rankInJson((name) => object[name])
  return rank === undefined ? undefined : LEVELS[rank]
}

/** Whether the entry is as grave as that. One without a level is kept, as by `select.minLevel`: one too many is better than one missing. */
export function isAtLeast(least: Level, entry: Entry): boolean {
  const level = levelOf(entry)
  return level === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(least)
}
