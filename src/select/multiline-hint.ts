import { linearPattern } from '../lib/linear-pattern.ts'
import type { Multiline, MultilineChoice } from '../model/multiline.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { containerHints } from './container-hint.ts'
import { hints } from './hint-names.ts'

/** Bytes of a line that a pattern sees: what tells a record's first line stands at its beginning. */
const SEEN_BYTES = 256
/** A line takes 1 ms at the most then. A time in front of a line has 22 steps. */
const LIMITS = { length: 200, steps: 100 }
const START = 'start='

/** What a value of `loggy.io/multiline` says; undefined if it is none. */
export function multilineIn(value: string): Multiline | undefined {
  if (value === 'off' || value === 'indented') return value
  return value.startsWith(START) ? recordStart(value.slice(START.length)) : undefined
}

function recordStart(pattern: string): Multiline | undefined {
  const compiled = linearPattern(pattern, LIMITS)
  return compiled && { begins: (line) => compiled.matcher(Buffer.from(line.subarray(0, SEEN_BYTES)).toString()).find() }
}

/** What the pod's annotations say for the container; undefined if they say nothing. */
export function multilineHint(
  pod: Pick<PodRecord, 'annotations'> | undefined,
  container: string,
): MultilineChoice | undefined {
  const [said] = containerHints(pod, { container, key: hints.multiline, read: multilineIn })
  return said && { multiline: said.meaning, rule: `${said.annotation}: "${said.value}"` }
}
