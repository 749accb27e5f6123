import { RE2JS } from 're2js'
import type { Multiline, MultilineChoice } from '../model/multiline.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { hints } from './hint-names.ts'

/** Bytes of a line that a pattern sees: what tells a record's first line stands at its beginning. */
const SEEN_BYTES = 256
/** Characters of a pattern, and steps of its program: a line takes 1 ms at the most then. A time in front of a line has 22 steps. */
const PATTERN_LENGTH = 200
const PROGRAM_STEPS = 100
const START = 'start='

/** What a value of `loggy.io/multiline` says; undefined if it is none. */
export function multilineIn(value: string): Multiline | undefined {
  if (value === 'off' || value === 'indented') return value
  if (!value.startsWith(START) || value.length > START.length + PATTERN_LENGTH) return undefined
  return recordStart(value.slice(START.length))
}

/** Patterns of pods' authors: in time that grows with the line's length only (RE2), whatever they write. */
function recordStart(pattern: string): Multiline | undefined {
  if (pattern === '') return undefined
  try {
    const compiled = RE2JS.compile(pattern)
    if (compiled.programSize() > PROGRAM_STEPS) return undefined
    return { begins: (line) => compiled.matcher(Buffer.from(line.subarray(0, SEEN_BYTES)).toString()).find() }
  } catch {
    return undefined // no pattern: its owner is told
  }
}

/** Whether it is an annotation of that kind: for the whole pod, or for one container. */
export function isMultilineHint(annotation: string): boolean {
  return annotation === hints.multiline || annotation.startsWith(`${hints.multiline}.`)
}

/** What the pod's annotations say for the container; undefined if they say nothing. */
export function multilineHint(
  pod: Pick<PodRecord, 'annotations'> | undefined,
  container: string,
): MultilineChoice | undefined {
  for (const annotation of [`${hints.multiline}.${container}`, hints.multiline]) {
    const value = pod?.annotations[annotation]
    const multiline = value === undefined ? undefined : multilineIn(value)
    if (multiline !== undefined) return { multiline, rule: `${annotation}: "${value}"` }
  }
  return undefined
}
