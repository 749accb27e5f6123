import * as v from 'valibot'
import { linearPattern } from '../lib/linear-pattern.ts'
import { MOST_PATTERNS, PATTERN_LIMITS, PRESETS } from '../model/redaction.ts'
import type { Fault } from './config-error.ts'
import { type Kind, kind } from './kinds.ts'
import type { Given } from './layer.ts'

/** Presets of redaction, each at most once. */
export function presetList() {
  const expected = `a list of ${PRESETS.join(', ')}`
  return v.pipe(
    v.array(v.picklist(PRESETS, expected), expected),
    v.check((presets) => new Set(presets).size === presets.length, expected),
    kind({ type: `list of ${PRESETS.join(', ')}`, placeholder: 'PRESETS', expected, form: 'list' }),
  )
}

/** Patterns of the operator, each with a name; in variables `name=pattern`, separated by commas. */
export function patternList() {
  const { length, steps } = PATTERN_LIMITS
  const expected = `a list of at most ${MOST_PATTERNS} like { name: order, pattern: 'ORD-[0-9]{6}' }, with names of a-z, 0-9, - and _, and patterns as RE2 has them, of at most ${length} characters and ${steps} steps`
  const own: readonly string[] = [...PRESETS, 'cut']
  const name = v.pipe(
    v.string(expected),
    v.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, expected),
    v.check((text) => !own.includes(text), expected),
  )
  const pattern = v.pipe(
    v.string(expected),
    v.check((text) => linearPattern(text, PATTERN_LIMITS) !== undefined, expected),
  )
  const list = v.array(v.strictObject({ name, pattern }, expected), expected)
  const map = v.pipe(
    v.record(name, pattern, expected),
    v.transform((patterns) => Object.entries(patterns).map(([name, pattern]) => ({ name, pattern }))),
  )
  return v.pipe(
    v.union([list, map], expected),
    v.check(
      (patterns) =>
        patterns.length <= MOST_PATTERNS && new Set(patterns.map(({ name }) => name)).size === patterns.length,
      expected,
    ),
    kind({ type: 'list of names and patterns', placeholder: 'PATTERNS', expected, form: 'map' } satisfies Kind),
  )
}

/** A hash needs a key. */
export function faultsOfRedaction(strongest: ReadonlyMap<string, Given>): Fault[] {
  const mode = strongest.get('redact.mode')
  if (mode?.raw !== 'hash' || strongest.get('redact.keyFile')?.raw !== '') return []
  return [{ key: 'redact.keyFile', value: undefined, expected: 'a path, since redact.mode is hash', from: mode.from }]
}
