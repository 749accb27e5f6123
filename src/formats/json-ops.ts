import { LEVELS, type Level } from '../model/level.ts'
import type { Condition, Op } from '../model/program.ts'

export function literal(text: string): Op {
  return { op: 'literal', bytes: Buffer.from(text) }
}

export function when(condition: Condition, ...ops: readonly Op[]): Op {
  return { op: 'if', when: condition, ops }
}

/** A text for each level; nothing where none is known. */
export function levelText(write: (level: Level) => string): Op {
  return { op: 'level', literals: ['', ...LEVELS.map(write)].map((text) => Buffer.from(text)) }
}

/** Members of a JSON object as text, each with a comma before it. What is half a surrogate pair is U+FFFD: strict parsers refuse it. */
export function membersText(members: readonly (readonly [name: string, value: string])[]): string {
  return members.map((pair) => `,${pair.map((text) => JSON.stringify(text.toWellFormed())).join(':')}`).join('')
}
