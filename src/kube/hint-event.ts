import type { PodRecord } from '../model/pod-record.ts'
import { describeHint, hintDigest, type InvalidHint } from '../select/hint-rules.ts'

/**
 * An Event of the API (core/v1) as it is posted. Source: the Event of client-go's recorder. The server itself only requires that
 * both namespaces are equal (1.20); newer versions also require that the name is a DNS subdomain.
 */
export interface EventObject {
  readonly apiVersion: 'v1'
  readonly kind: 'Event'
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly involvedObject: {
    readonly apiVersion: 'v1'
    readonly kind: 'Pod'
    readonly namespace: string
    readonly name: string
    readonly uid: string
  }
  readonly type: 'Warning'
  readonly reason: 'InvalidAnnotation'
  readonly message: string
  readonly source: { readonly component: 'loggy'; readonly host: string }
  readonly reportingComponent: 'loggy'
  readonly reportingInstance: string
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  readonly count: 1
}

/** Maximum length of a DNS subdomain. */
const MAXIMUM_NAME = 253

/** Reports an ignored annotation to the owner of the pod. The name is always the same, so that the event exists only once. */
export function hintEvent(
  pod: PodRecord,
  hint: InvalidHint,
  { node, nowMs }: { readonly node: string; readonly nowMs: number },
): EventObject {
  const { namespace, name, uid } = pod
  const time = `${new Date(nowMs).toISOString().slice(0, 19)}Z` // whole seconds, as in metav1.Time
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName(name, hintDigest(pod, hint)), namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    type: 'Warning',
    reason: 'InvalidAnnotation',
    message: describeHint(hint),
    source: { component: 'loggy', host: node },
    reportingComponent: 'loggy',
    reportingInstance: node,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}

/** Named like the kubelet's events; each label of the name must end in a letter or digit. */
function eventName(pod: string, digest: string): string {
  return `${pod.slice(0, MAXIMUM_NAME - 1 - digest.length).replace(/[-.]+$/, '')}.${digest}`
}
