import { type Entry, readEntry } from '../entry/entry.ts'
import { isAtLeast } from '../entry/entry-level.ts'
import { globs, type NameMatch } from '../lib/glob.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import { LEVELS, type Level } from '../model/level.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { parseSelector, type Selector, SelectorError } from '../select/selector.ts'
import { isOwnedBy } from '../select/workload.ts'
import { parseQuery, QueryError } from './query.ts'

/** Text that appears in an entry unchanged. Docker escapes `<`, `>` and `&`, and JSON the other excluded characters. */
const PLAIN_TEXT = /^[^\p{C}"\\<>&\u2028\u2029]+$/u

/** Which entries a reader wants. */
export interface TailFilter {
  /** The result for a container is valid until its pod's record changes. */
  matchesContainer(
    ref: Pick<ContainerRef, 'namespace' | 'pod' | 'container'>,
    pod: Pick<PodRecord, 'owner' | 'labels' | 'annotations'> | undefined,
  ): boolean
  /** Text that an entry's bytes contain whenever its `log` matches; undefined if there is no such text. */
  readonly hint: Buffer | undefined
  /** `line`: an entry without its newline. Undefined if all entries match. */
  readonly matchesEntry: ((line: Buffer) => boolean) | undefined
}

/** Parses the query of `/api/tail`; throws QueryError. */
export function parseTailFilter(query: URLSearchParams): TailFilter {
  const names = ['labels', 'annotations', 'namespace', 'workload', 'pod', 'container', 'minLevel', 'grep'] as const
  const { labels, annotations, namespace, workload, pod, container, minLevel, grep = '' } = parseQuery(query, names)
  const isLabelled = selector('label', labels)
  const isAnnotated = selector('annotation', annotations)
  const [isNamespace, isPod, isContainer] = [glob(namespace), glob(pod), glob(container)]
  return {
    matchesContainer: (ref, record) =>
      isNamespace(ref.namespace) &&
      isPod(ref.pod) &&
      isContainer(ref.container) &&
      (workload === undefined || (record !== undefined && isOwnedBy(workload, record))) &&
      isLabelled.matches(record?.labels ?? {}) &&
      isAnnotated.matches(record?.annotations ?? {}),
    hint: PLAIN_TEXT.test(grep) ? Buffer.from(grep) : undefined,
    matchesEntry: entryMatch(grep, leastLevel(minLevel)),
  }
}

function entryMatch(grep: string, least: Level | undefined): TailFilter['matchesEntry'] {
  const conditions: ((entry: Entry) => boolean)[] = []
  if (grep !== '') conditions.push(({ log }) => log.includes(grep))
  if (least !== undefined) conditions.push((entry) => isAtLeast(least, entry))
  if (conditions.length === 0) return undefined
  return (line) => {
    const entry = readEntry(line.toString())
    return entry !== undefined && conditions.every((isMet) => isMet(entry))
  }
}

function leastLevel(text = ''): Level | undefined {
  const level = LEVELS.find((known) => known === text)
  if (level === undefined && text !== '') throw new QueryError(`minLevel: expected ${LEVELS.join(' or ')}`)
  return level
}

function selector(values: 'label' | 'annotation', text = ''): Selector {
  try {
    return parseSelector(text, { values })
  } catch (error) {
    if (error instanceof SelectorError) throw new QueryError(`${values}s: ${error.message}`)
    throw error
  }
}

function glob(text = ''): NameMatch {
  return globs([text === '' ? '*' : text])
}
