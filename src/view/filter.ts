import type { Entry } from '../entry/entry.ts'
import { isAtLeast } from '../entry/entry-level.ts'
import type { NameMatch } from '../lib/glob.ts'
import type { Level } from '../model/level.ts'
import type { Selector } from '../select/selector.ts'
import { parseTime } from './time.ts'

/** Whether an entry matches the filter. */
export type EntryFilter = (entry: Entry) => boolean

/** Conditions that an entry must meet; absent ones are not checked. */
export interface FilterTerms {
  readonly labels?: Selector | undefined
  readonly annotations?: Selector | undefined
  readonly namespace?: NameMatch | undefined
  readonly pod?: NameMatch | undefined
  readonly container?: NameMatch | undefined
  readonly stream?: string | undefined
  /** An entry without a level is kept. */
  readonly minLevel?: Level | undefined
  /** Matched against the log text. Must not have the flags `g` and `y`, which keep state between entries. */
  readonly grep?: RegExp | undefined
  /** Milliseconds since 1970. An entry without a valid time is kept: one too many is better than one missing. */
  readonly sinceMs?: number | undefined
}

/** Combines the conditions with "and"; undefined if there are none, so that callers can see that everything matches. */
export function createFilter(terms: FilterTerms): EntryFilter | undefined {
  const filters = [...nameFilters(terms), ...selectorFilters(terms), ...lineFilters(terms)]
  return filters.length === 0 ? undefined : (entry) => filters.every((keeps) => keeps(entry))
}

function nameFilters({ namespace, pod, container }: FilterTerms): EntryFilter[] {
  const filters: EntryFilter[] = []
  if (namespace) filters.push((entry) => namespace(entry.kubernetes.namespace))
  if (pod) filters.push((entry) => pod(entry.kubernetes.pod))
  if (container) filters.push((entry) => container(entry.kubernetes.container))
  return filters
}

function selectorFilters({ labels, annotations }: FilterTerms): EntryFilter[] {
  const filters: EntryFilter[] = []
  if (labels) filters.push((entry) => labels.matches(entry.kubernetes.labels ?? {}))
  if (annotations) filters.push((entry) => annotations.matches(entry.kubernetes.annotations ?? {}))
  return filters
}

function lineFilters({ stream, minLevel, grep, sinceMs }: FilterTerms): EntryFilter[] {
  const filters: EntryFilter[] = []
  if (stream !== undefined) filters.push((entry) => entry.stream === stream)
  if (sinceMs !== undefined) filters.push((entry) => (parseTime(entry.time ?? '') ?? sinceMs) >= sinceMs)
  if (minLevel !== undefined) filters.push((entry) => isAtLeast(minLevel, entry))
  if (grep) filters.push((entry) => grep.test(entry.log))
  return filters
}
