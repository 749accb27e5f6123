import type { Entry } from '../entry/entry.ts'
import type { NameMatch } from '../lib/glob.ts'
import type { Selector } from '../select/selector.ts'
import { parseTime } from './time.ts'

/** Says whether a person asked to see this entry. */
export type EntryFilter = (entry: Entry) => boolean

/** What must hold of an entry; what is left out holds always. */
export interface FilterTerms {
  readonly labels?: Selector | undefined
  readonly annotations?: Selector | undefined
  readonly namespace?: NameMatch | undefined
  readonly pod?: NameMatch | undefined
  readonly container?: NameMatch | undefined
  readonly stream?: string | undefined
  /** Tested on the text of the log; without the flags `g` and `y`, which would make it remember the last entry. */
  readonly grep?: RegExp | undefined
  /** Milliseconds since 1970. An entry whose time cannot be read is kept: rather one too many than one missing. */
  readonly sinceMs?: number | undefined
}

/** Joins the terms with "and"; undefined when there is none, so that a caller can tell "all" from "these". */
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

function lineFilters({ stream, grep, sinceMs }: FilterTerms): EntryFilter[] {
  const filters: EntryFilter[] = []
  if (stream !== undefined) filters.push((entry) => entry.stream === stream)
  if (sinceMs !== undefined) filters.push((entry) => (parseTime(entry.time ?? '') ?? sinceMs) >= sinceMs)
  if (grep) filters.push((entry) => grep.test(entry.log))
  return filters
}
