import { LEVELS, type Level } from '../model/level.ts'

/** Each level has four of OpenTelemetry's numbers, from 1 on; the first is the usual one. */
const NUMBERS = 4

export function severityNumber(level: Level): number {
  return LEVELS.indexOf(level) * NUMBERS + 1
}

/** Undefined for a number that stands for no level. */
export function levelOfSeverity(number: number): Level | undefined {
  return LEVELS[Math.floor((number - 1) / NUMBERS)]
}
