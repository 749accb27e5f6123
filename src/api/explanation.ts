import type { ContainerRef } from '../model/container-ref.ts'
import type { LimitStatus } from '../model/limit.ts'
import type { LineCounters } from '../model/line-counters.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { SinkStatus } from '../model/sink-status.ts'
import { behind } from './quantities.ts'

/** What the agent on this node knows about the pod in question. */
export interface Findings {
  readonly node: string
  readonly namespace: string
  readonly pod: string
  /** Undefined if the API server has not reported the pod. */
  readonly record: PodRecord | undefined
  readonly containers: readonly ContainerStatus[]
  /** The containers that belong to another pod: a deleted one, or a new one with the same name. */
  readonly ofOthers: ReadonlySet<ContainerStatus>
  /** The pod's `loggy.io/` annotations that are ignored, one sentence each. */
  readonly ignored: readonly string[]
  /** Whether the annotations of pods are used. */
  readonly usesAnnotations: boolean
  /** Names of the pod's containers that have been running without a log for a minute. */
  readonly absent: readonly string[]
  /** What is wrong with the agent's settings for its node and its own pod, one sentence each. */
  readonly warnings: readonly string[]
  readonly sinks: readonly Pick<SinkStatus, 'trouble'>[]
}

const METADATA: Readonly<Record<ContainerStatus['metadata'], string>> = {
  known: "Its entries have its pod's metadata.",
  cached:
    "Its entries have its pod's metadata as an earlier run of the agent stored them: the API server has not reported the pod since.",
  'path-only': 'Its entries have only the metadata in the path: the API server has not reported its pod.',
}

/** Why a pod's logs are collected or not. `isCollected`: at least one of its containers is being read. */
export interface Explanation {
  readonly isCollected: boolean
  readonly sentences: readonly string[]
}

export function explain(findings: Findings): Explanation {
  const { containers, ofOthers, ignored, sinks, warnings } = findings
  const own = containers.filter((container) => !ofOthers.has(container))
  const isCollected = own.some(({ state, fault }) => state === 'read' && fault === undefined)
  const sentences = [
    ...containers.flatMap((container) => ofContainer(container, findings)),
    ...ofMissing(findings),
    ...warnings,
    ...ignored.map((sentence) => `${sentence}.`),
    ...sinks.flatMap(({ trouble }) =>
      trouble === undefined ? [] : [`Delivery to the destination fails at the moment: ${trouble.reason}.`],
    ),
  ]
  return { isCollected, sentences }
}

function ofContainer(status: ContainerStatus, { ofOthers, usesAnnotations }: Findings): string[] {
  const name = `${nameOf(status.ref)}${ofOthers.has(status) ? ' of another pod of this name' : ''}`
  switch (status.state) {
    case 'exclude':
      return [`${name} is excluded by ${status.rule}.`, ...remedy(status, { usesAnnotations })]
    case 'wait':
      return [`${name} ${waitOf(status)}.`, ...faultOf(status)]
    case 'read':
      return [
        `${name} is collected by ${status.rule === 'select' ? 'the options under `select`' : status.rule}.`,
        ...faultOf(status),
        ...progressOf(status),
      ]
  }
}

function waitOf({ rule, metadata }: ContainerStatus): string {
  if (metadata !== 'path-only') return 'is waiting for its turn to be read'
  const isOpen = rule === 'select' || !rule.startsWith('select.')
  return isOpen
    ? 'is waiting: its pod is not known yet'
    : `is waiting for its pod to become known: it is excluded by ${rule}`
}

function nameOf({ container, restartCount }: ContainerRef): string {
  return `Container ${container}${restartCount ? ` (restart ${restartCount})` : ''}`
}

function faultOf({ fault, path }: ContainerStatus): string[] {
  return fault === undefined ? [] : [`Its log cannot be read, retrying: ${fault} (${path}).`]
}

function progressOf(status: ContainerStatus): string[] {
  const { reading, counters, metadata } = status
  return [
    reading === undefined
      ? 'None of its files is open.'
      : `It is read at byte ${reading.offset} of ${reading.path}, ${behind(status)}.`,
    ...limitOf(status),
    METADATA[metadata],
    ...(counters === undefined
      ? ['Nothing of it has been read since the agent started.']
      : [countsOf(counters), ...joiningOf(status, counters)]),
  ]
}

const LIMIT_STATES: Readonly<Record<LimitStatus['state'], string>> = {
  within: 'it has not used that up',
  delayed: 'it has used that up, and what it writes is read later',
  yielding: 'it writes more, and is read faster all the same, as its lines would be deleted unread',
}

/** What it may write, and how it stands with that. */
function limitOf({ limit }: ContainerStatus): string[] {
  return limit === undefined ? [] : [`It has a limit, ${limit.rules.join(', and ')}: ${LIMIT_STATES[limit.state]}.`]
}

/** Which lines were joined, and why others were not. */
function joiningOf({ joining }: ContainerStatus, { groups, grouped, cut }: LineCounters): string[] {
  if (joining === undefined) return []
  const { isOn, rule } = joining
  if (!isOn) return [`Each line is an entry of its own, by ${rule}.`]
  const lengths = cut > 0 ? `, ${cut} of them parts of longer ones` : ''
  const found = groups > 0 ? `${groups} so far, of ${grouped} lines${lengths}` : 'none so far'
  const which = rule.startsWith('parse.')
    ? 'Stack traces and other records of several lines whose form is known are joined, all other lines are entries of their own'
    : 'Its lines are joined to records'
  return [`${which}, by ${rule}: ${found}.`]
}

function countsOf(counters: LineCounters): string {
  const counts: [what: string, count: number, suffix?: string][] = [
    ['lines skipped because an earlier run had delivered them', counters.repeated],
    ['lines dropped by select.minLevel', counters.filtered],
    ['lines left out by its limit', counters.sampled],
    ['entries refused by the destination and written to the dead letter file', counters.deadLettered],
    ['lines in no known format', counters.malformed],
    ['lines cut at the maximum length', counters.truncated],
    ['losses', counters.losses, ` (${counters.lostBytes} bytes or more)`],
  ]
  const odd = counts.filter(([, count]) => count > 0).map(([what, count, suffix = '']) => `, ${what} ${count}${suffix}`)
  return `Since the agent found it: lines read ${counters.lines}, entries delivered ${counters.delivered}${odd.join('')}.`
}

/** What to change so that the container is collected. */
function remedy({ rule }: ContainerStatus, { usesAnnotations }: Pick<Findings, 'usesAnnotations'>): string[] {
  if (rule.startsWith('loggy.io/exclude-containers'))
    return ["To collect it, remove the container's name from that annotation of the pod."]
  if (rule.startsWith('loggy.io/')) return ['To collect it, remove that annotation from the pod.']
  if (!rule.startsWith('select.')) return []
  const change = `To collect it, change ${rule.slice(0, rule.indexOf(':'))} in Loggy's configuration`
  return [usesAnnotations ? `${change}, or annotate the pod: loggy.io/include="true".` : `${change}.`]
}

/** The pod's containers that have no log on this node. */
function ofMissing({ record, containers, ofOthers, namespace, pod, node, absent }: Findings): string[] {
  if (record === undefined && containers.length === 0) {
    return [
      `Node ${node} has no log of a pod ${namespace}/${pod}, and the API server has not reported such a pod on the node.`,
    ]
  }
  const own = containers.filter((container) => !ofOthers.has(container))
  const seen = new Set(own.map(({ ref }) => ref.container))
  const missing = [...(record?.containers.keys() ?? [])].filter((name) => !seen.has(name))
  return missing.map((name) =>
    absent.includes(name)
      ? `Container ${name} runs without a log on node ${node}: check the log path of the runtime and source.directory.`
      : `Container ${name} has no log on node ${node}: it has not started yet, or its log was deleted.`,
  )
}
