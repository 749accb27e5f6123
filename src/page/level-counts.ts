import type { Level } from '../model/level.ts'

/** What is counted together, gravest first; `none`: entries that say no level, or that the agent did not send. */
export const LEVEL_GROUPS = ['error', 'warn', 'info', 'debug', 'none'] as const

export type LevelGroup = (typeof LEVEL_GROUPS)[number]

/** Five minutes in steps of five seconds. */
export const STEPS = 60
const STEP_MS = 5000

const GROUPS: Readonly<Record<Level, LevelGroup>> = {
  fatal: 'error',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
}

/** The members before the level, in schema `loggy`, have no quotes inside. To parse each entry of a flood would take all of the CPU. */
const LEVEL = /^\{(?:"(?:id|time|stream)":"[^"]*",)*"level":"(\w+)"/

/** The group of an entry's JSON. */
export function groupOf(json: string): LevelGroup {
  const [, level = ''] = LEVEL.exec(json) ?? []
  return Object.hasOwn(GROUPS, level) ? GROUPS[level as Level] : 'none'
}

/** How many entries of each level came in the last minutes. */
export class LevelCounts {
  readonly #series: Readonly<Record<LevelGroup, number[]>> = {
    error: emptySteps(),
    warn: emptySteps(),
    info: emptySteps(),
    debug: emptySteps(),
    none: emptySteps(),
  }
  #step: number

  constructor(nowMs: number) {
    this.#step = Math.floor(nowMs / STEP_MS)
  }

  add(group: LevelGroup, count: number): void {
    const steps = this.#series[group]
    steps[STEPS - 1] = (steps[STEPS - 1] ?? 0) + count
  }

  /** Call at least once a second. Whether a new step has begun. */
  advance(nowMs: number): boolean {
    const due = Math.min(Math.floor(nowMs / STEP_MS) - this.#step, STEPS)
    if (due <= 0) return false
    this.#step = Math.floor(nowMs / STEP_MS)
    for (const steps of Object.values(this.#series)) {
      steps.splice(0, due)
      steps.push(...new Array<number>(due).fill(0))
    }
    return true
  }

  clear(): void {
    for (const steps of Object.values(this.#series)) steps.fill(0)
  }

  /** Oldest first. */
  of(group: LevelGroup): readonly number[] {
    return this.#series[group]
  }

  total(group: LevelGroup): number {
    return this.#series[group].reduce((sum, count) => sum + count, 0)
  }
}

function emptySteps(): number[] {
  return new Array<number>(STEPS).fill(0)
}
