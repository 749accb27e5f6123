import { createHash } from 'node:crypto'
import { nearest } from '../lib/nearest.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { PRESETS } from '../model/redaction.ts'
import { isContainerHint } from './container-hint.ts'
import { HINT_PREFIX, hints } from './hint-names.ts'
import { limitIn } from './limit-hint.ts'
import { multilineIn } from './multiline-hint.ts'
import { presetsIn } from './redact-hint.ts'
import type { Tenants } from './tenant.ts'

/** An annotation of Loggy that is ignored because its key is unknown or its value is invalid. */
export interface InvalidHint {
  readonly annotation: string
  /** Undefined if it is too long to keep. */
  readonly value: string | undefined
  readonly expected: string
}

/** Per pod. A pod has room for twenty thousand annotations, and each would cause a log line and an event. */
const MAXIMUM_INVALID = 8
/** Code points of a value to show. Even if all of them are escaped, an event's message stays below the API's limit of 1,024 bytes. */
const SHOWN_LENGTH = 64
const containerNamePattern = /^[-a-z0-9*?]+$/
/** Control characters (bidirectional ones too), line separators and halves of surrogate pairs: kubectl prints messages to terminals. */
const oddCharacters = /[\p{C}\p{Zl}\p{Zp}]/gu

interface Rule {
  readonly expected: string
  isValid(value: string, tenants: Pick<Tenants, 'allows'>): boolean
}

const boolean: Rule = { expected: '"true" or "false"', isValid: (value) => value === 'true' || value === 'false' }
const containers: Rule = {
  expected: 'container names or globs, separated by commas',
  isValid: (value) => containerGlobs(value) !== undefined,
}
const tenant: Rule = {
  expected: 'a tenant that `sink.tenant.allow` names',
  isValid: (value, tenants) => tenants.allows(value, 'tenant'),
}
const dataset: Rule = {
  expected: 'a dataset that `sink.dataStream.allow` names',
  isValid: (value, tenants) => tenants.allows(value, 'dataset'),
}
const multiline: Rule = {
  expected:
    '"off", "indented" or "start=<pattern>", a regular expression as RE2 has it, of at most 200 characters and 100 steps',
  isValid: (value) => multilineIn(value) !== undefined,
}
const redact: Rule = {
  expected: `presets of redaction, separated by commas: ${PRESETS.join(', ')}`,
  isValid: (value) => presetsIn(value) !== undefined,
}
const limit: Rule = {
  expected: '"linesPerSecond=NUMBER", "bytesPerSecond=SIZE", or both with a comma between them',
  isValid: (value) => limitIn(value) !== undefined,
}
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [hints.exclude, boolean],
  [hints.excludeContainers, containers],
  [hints.include, boolean],
  [hints.tenant, tenant],
  [hints.dataset, dataset],
  [hints.multiline, multiline],
  [hints.redact, redact],
  [hints.limit, limit],
])

/** Those that may be for one container. */
const OF_CONTAINERS = [hints.multiline, hints.redact, hints.limit]

/** The `loggy.io/` annotations of a pod that are ignored, at most MAXIMUM_INVALID. */
export function invalidHints(
  { annotations, longAnnotations = [] }: PodRecord,
  tenants: Pick<Tenants, 'allows'>,
): InvalidHint[] {
  const invalid: InvalidHint[] = []
  for (const annotation of [...Object.keys(annotations), ...longAnnotations]) {
    if (!annotation.startsWith(HINT_PREFIX)) continue
    const value = annotations[annotation]
    const rule = ruleOf(annotation)
    if (rule !== undefined && value !== undefined && rule.isValid(value, tenants)) continue
    invalid.push({ annotation, value, expected: rule?.expected ?? expectedInsteadOf(annotation) })
    if (invalid.length === MAXIMUM_INVALID) break
  }
  return invalid
}

function ruleOf(annotation: string): Rule | undefined {
  return rules.get(OF_CONTAINERS.find((key) => isContainerHint(annotation, key)) ?? annotation)
}

/** The names or globs in a value of `loggy.io/exclude-containers`; undefined if one is empty or cannot be a name. */
export function containerGlobs(value: string): string[] | undefined {
  const names = value.split(',').map((name) => name.trim())
  return names.every((name) => containerNamePattern.test(name)) ? names : undefined
}

/** The hint in one sentence for the pod's owner; at most 1,024 bytes for any annotation. */
export function describeHint({ annotation, value, expected }: InvalidHint): string {
  const said = value === undefined ? `${annotation}, whose value is too long` : `${annotation}: "${shownValue(value)}"`
  return `Loggy ignores the annotation ${said}; expected ${expected}`
}

/** The first characters of a value, safe to print to a terminal. */
export function shownValue(value: string): string {
  const characters = Array.from(value.slice(0, 2 * SHOWN_LENGTH + 2))
  const start = characters.slice(0, SHOWN_LENGTH).join('')
  return start.replace(oddCharacters, escaped) + (characters.length > SHOWN_LENGTH ? '…' : '')
}

/** 16 hex digits: always the same for the same pod, annotation and value, also after a restart. */
export function hintDigest(pod: PodRecord, { annotation, value = '' }: InvalidHint): string {
  return createHash('sha256').update(`${pod.uid}\0${annotation}\0${value}`).digest('hex').slice(0, 16)
}

function expectedInsteadOf(annotation: string): string {
  const known = [...rules.keys()]
  const names = known.map((key) => key.slice(HINT_PREFIX.length))
  const meant = nearest(annotation.slice(HINT_PREFIX.length), names)
  return meant === undefined ? `one of the keys ${known.join(', ')}` : `the key ${HINT_PREFIX}${meant}`
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
