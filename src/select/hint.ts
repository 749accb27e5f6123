import { createHash } from 'node:crypto'
import { nearest } from '../lib/nearest.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { Tenants } from './tenant.ts'

/** What pods may say to Loggy by annotation. A pod that says `true` to both `exclude` and `include` is excluded. */
export const hints = {
  exclude: 'loggy.io/exclude',
  excludeContainers: 'loggy.io/exclude-containers',
  include: 'loggy.io/include',
  tenant: 'loggy.io/tenant',
} as const

/** An annotation of Loggy's that is ignored because its key is not known or its value is not understood. */
export interface InvalidHint {
  readonly annotation: string
  /** Undefined when it is too long to be kept. */
  readonly value: string | undefined
  readonly expected: string
}

const PREFIX = 'loggy.io/'
/** Of one pod. It has room for twenty thousand, and each would be a line of the log and an event. */
const MAXIMUM_INVALID = 8
/** Code points of a value that are shown; with every one escaped an event's message stays below the API's 1,024 bytes. */
const SHOWN_LENGTH = 64
const containerNamePattern = /^[-a-z0-9*?]+$/
/** Controls, bidirectional ones too, line separators and halves of surrogate pairs: kubectl prints messages to terminals. */
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
  isValid: (value, tenants) => tenants.allows(value),
}
const rules: ReadonlyMap<string, Rule> = new Map([
  [hints.exclude, boolean],
  [hints.excludeContainers, containers],
  [hints.include, boolean],
  [hints.tenant, tenant],
])

/** The annotations of a pod that are meant for Loggy and ignored, up to a number that a person could have written. */
export function invalidHints(
  { annotations, longAnnotations = [] }: PodRecord,
  tenants: Pick<Tenants, 'allows'>,
): InvalidHint[] {
  const invalid: InvalidHint[] = []
  for (const annotation of [...Object.keys(annotations), ...longAnnotations]) {
    if (!annotation.startsWith(PREFIX)) continue
    const value = annotations[annotation]
    const rule = rules.get(annotation)
    if (rule !== undefined && value !== undefined && rule.isValid(value, tenants)) continue
    invalid.push({ annotation, value, expected: rule?.expected ?? expectedInsteadOf(annotation) })
    if (invalid.length === MAXIMUM_INVALID) break
  }
  return invalid
}

/** Of `loggy.io/exclude-containers`: the names or globs in a value; undefined for a list with an empty or impossible name. */
export function containerGlobs(value: string): string[] | undefined {
  const names = value.split(',').map((name) => name.trim())
  return names.every((name) => containerNamePattern.test(name)) ? names : undefined
}

/** The hint in one sentence for the pod's owner; at most 1,024 bytes, whatever the annotation is. */
export function describeHint({ annotation, value, expected }: InvalidHint): string {
  const said = value === undefined ? `${annotation}, whose value is too long` : `${annotation}: "${shownValue(value)}"`
  return `Loggy ignores the annotation ${said}; expected ${expected}`
}

/** The beginning of a value, safe for any terminal. */
export function shownValue(value: string): string {
  const characters = Array.from(value.slice(0, 2 * SHOWN_LENGTH + 2))
  const start = characters.slice(0, SHOWN_LENGTH).join('')
  return start.replace(oddCharacters, escaped) + (characters.length > SHOWN_LENGTH ? '…' : '')
}

/** 16 hex digits: the same for the same pod, annotation and value, in each run of each agent. */
export function hintDigest(pod: PodRecord, { annotation, value = '' }: InvalidHint): string {
  return createHash('sha256').update(`${pod.uid}\0${annotation}\0${value}`).digest('hex').slice(0, 16)
}

function expectedInsteadOf(annotation: string): string {
  const known = [...rules.keys()]
  const names = known.map((key) => key.slice(PREFIX.length))
  const meant = nearest(annotation.slice(PREFIX.length), names)
  return meant === undefined ? `one of the keys ${known.join(', ')}` : `the key ${PREFIX}${meant}`
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
