import type { ContainerRef } from '../model/container-ref.ts'
import type { LineCounters } from '../model/line-counters.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { behind } from './quantities.ts'

/** What is known on this node of the pod that was asked about. */
export interface Findings {
  readonly node: string
  readonly namespace: string
  readonly pod: string
  /** Undefined when the API has not told of it. */
  readonly record: PodRecord | undefined
  readonly containers: readonly ContainerStatus[]
  /** Those of them that belong to another pod: one was deleted, and one made anew under its name. */
  readonly ofOthers: ReadonlySet<ContainerStatus>
  /** In a sentence each: annotations of the pod that are meant for Loggy and ignored. */
  readonly ignored: readonly string[]
  /** Whether pods may decide for themselves. */
  readonly heedsAnnotations: boolean
  /** Names of its containers that have run for a minute without a log. */
  readonly absent: readonly string[]
  /** In a sentence each: what is wrong with what the agent was told of its node and its own pod. */
  readonly warnings: readonly string[]
  /** Why the destination takes nothing now, in a sentence. */
  readonly sinkTrouble: string | undefined
}

/** Says why a pod's logs are where they are, or are not. `isCollected`: at least one of its containers is being read. */
export interface Explanation {
  readonly isCollected: boolean
  readonly sentences: readonly string[]
}

export function explain(findings: Findings): Explanation {
  const { containers, ofOthers, ignored, sinkTrouble, warnings } = findings
  const own = containers.filter((container) => !ofOthers.has(container))
  const isCollected = own.some(({ state, fault }) => state === 'read' && fault === undefined)
  const sentences = [
    ...containers.flatMap((container) => ofContainer(container, findings)),
    ...ofMissing(findings),
    ...warnings,
    ...ignored.map((sentence) => `${sentence}.`),
    ...(sinkTrouble === undefined ? [] : [`Entries do not get to their destination now: ${sinkTrouble}.`]),
  ]
  return { isCollected, sentences }
}

function ofContainer(status: ContainerStatus, { ofOthers, heedsAnnotations }: Findings): string[] {
  const name = `${nameOf(status.ref)}${ofOthers.has(status) ? ' of another pod of this name' : ''}`
  switch (status.state) {
    case 'exclude':
      return [`${name} is left out by ${status.rule}.`, ...remedy(status, { heedsAnnotations })]
    case 'wait':
      return [`${name} ${waitOf(status)}.`, ...faultOf(status)]
    case 'read':
      return [
        `${name} is collected, ${status.rule === 'select' ? 'as the options under `select` say' : `by ${status.rule}`}.`,
        ...faultOf(status),
        ...progressOf(status),
      ]
  }
}

function waitOf({ rule, metadata }: ContainerStatus): string {
  if (metadata === 'known') return 'waits for its turn to be read'
  const isOpen = rule === 'select' || !rule.startsWith('select.')
  return isOpen
    ? 'waits to be read: its pod is not known yet'
    : `waits for its pod to be known: it is left out by ${rule}`
}

function nameOf({ container, restartCount }: ContainerRef): string {
  return `Container ${container}${restartCount ? ` (restart ${restartCount})` : ''}`
}

function faultOf({ fault, path }: ContainerStatus): string[] {
  return fault === undefined ? [] : [`Its log cannot be read, which is tried again: ${fault} (${path}).`]
}

function progressOf(status: ContainerStatus): string[] {
  const { reading, counters, metadata } = status
  return [
    reading === undefined
      ? 'Nothing of it is open.'
      : `It is read at byte ${reading.offset} of ${reading.path}, ${behind(status)}.`,
    metadata === 'known'
      ? "Its entries carry its pod's metadata."
      : 'Its entries carry what the path says and nothing more: the API server has not reported its pod.',
    ...(counters === undefined ? ['Nothing of it has been read since the agent started.'] : [countsOf(counters)]),
  ]
}

function countsOf(counters: LineCounters): string {
  const counts: [what: string, count: number, suffix?: string][] = [
    ['lines passed over, which an earlier run had delivered', counters.repeated],
    ['lines left out by select.minLevel', counters.filtered],
    ['entries refused by the destination and put among the dead letters', counters.deadLettered],
    ['lines in no known format', counters.malformed],
    ['lines cut at source.maxLineBytes', counters.truncated],
    ['losses', counters.losses, ` (${counters.lostBytes} bytes or more)`],
  ]
  const odd = counts.filter(([, count]) => count > 0).map(([what, count, suffix = '']) => `, ${what} ${count}${suffix}`)
  return `Since the agent found it: lines read ${counters.lines}, entries delivered ${counters.delivered}${odd.join('')}.`
}

/** What to change for a container to be collected. */
function remedy({ rule }: ContainerStatus, { heedsAnnotations }: Pick<Findings, 'heedsAnnotations'>): string[] {
  if (rule.startsWith('loggy.io/exclude-containers'))
    return ["To collect it, take the container's name out of that annotation of the pod."]
  if (rule.startsWith('loggy.io/')) return ['To collect it, take that annotation off the pod.']
  if (!rule.startsWith('select.')) return []
  const change = `To collect it, change ${rule.slice(0, rule.indexOf(':'))} in Loggy's configuration`
  return [heedsAnnotations ? `${change}, or annotate the pod: loggy.io/include="true".` : `${change}.`]
}

/** Containers of the pod that have no log on this node. */
function ofMissing({ record, containers, ofOthers, namespace, pod, node, absent }: Findings): string[] {
  if (record === undefined && containers.length === 0) {
    return [`Node ${node} has no log of a pod ${namespace}/${pod}, and the API server told the agent of none there.`]
  }
  const own = containers.filter((container) => !ofOthers.has(container))
  const seen = new Set(own.map(({ ref }) => ref.container))
  const missing = [...(record?.containers.keys() ?? [])].filter((name) => !seen.has(name))
  return missing.map((name) =>
    absent.includes(name)
      ? `Container ${name} runs without a log on node ${node}: its runtime logs elsewhere, or source.directory is not the folder of the node.`
      : `Container ${name} has no log on node ${node}: it was not started yet, or its log has been deleted.`,
  )
}
