import type { ValueParser } from '../lib/arguments.ts'
import { isName } from './access.ts'

/** Pods, as a person names them. Without a namespace: that of the kubeconfig's context. */
export type Target =
  | { readonly kind: 'pod'; readonly namespace: string | undefined; readonly name: string }
  | { readonly kind: 'workload'; readonly namespace: string | undefined; readonly workload: Workload }

export interface Workload {
  /** As in an owner reference: `Deployment`. */
  readonly kind: string
  readonly name: string
}

/** Kinds by the words for them, as kubectl takes them. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['pod', 'pods', 'po'],
  Deployment: ['deployment', 'deployments', 'deploy'],
  ReplicaSet: ['replicaset', 'replicasets', 'rs'],
  StatefulSet: ['statefulset', 'statefulsets', 'sts'],
  DaemonSet: ['daemonset', 'daemonsets', 'ds'],
  Job: ['job', 'jobs'],
  CronJob: ['cronjob', 'cronjobs', 'cj'],
  ReplicationController: ['replicationcontroller', 'replicationcontrollers', 'rc'],
}

/** `Deployment/web`, as agents are asked for it. */
export function workloadText({ kind, name }: Workload): string {
  return `${kind}/${name}`
}

/** What an agent is asked for. `usual`: the namespace where none is named. */
export function targetQuery(target: Target, usual: string): Readonly<Record<string, string>> {
  const { namespace = usual } = target
  return target.kind === 'pod'
    ? { namespace, pod: target.name }
    : { namespace, workload: workloadText(target.workload) }
}

/** What a person may write, for help and faults. */
export const targetHelp = 'POD, TYPE/NAME such as deployment/web, or NAMESPACE/POD'

/**
 * The pods that an argument names: `POD`, `TYPE/NAME` or `NAMESPACE/POD`. Adds a fault to `faults`, and returns undefined, if it names
 * none. `namespace`: of `--namespace`.
 */
export function readTarget(
  text: string,
  namespaceText: string | undefined,
  { parsed, faults }: { readonly parsed: ValueParser; readonly faults: string[] },
): Target | undefined {
  const namespace = parsed('namespace', namespaceText, parseOneNamespace)
  const parts = text.split('/')
  const [first = '', name = first] = parts
  if (parts.length > 2 || !isName(name)) return fault(`${JSON.stringify(text)}: expected ${targetHelp}`)
  if (parts.length === 1) return { kind: 'pod', namespace, name }
  // `deployment.apps/web`, as kubectl writes it.
  const [word = ''] = first.toLowerCase().split('.')
  const kind = Object.keys(KINDS).find((known) => KINDS[known]?.includes(word))
  if (kind === 'Pod') return { kind: 'pod', namespace, name }
  if (kind !== undefined) return { kind: 'workload', namespace, workload: { kind, name } }
  if (!isName(first)) return fault(`${JSON.stringify(text)}: expected ${targetHelp}`)
  if (namespace !== undefined && namespace !== first)
    return fault(
      `${JSON.stringify(text)} is in another namespace than --namespace ${JSON.stringify(namespace)}, and ${first} is no type of workload`,
    )
  return { kind: 'pod', namespace: first, name }

  function fault(message: string): undefined {
    faults.push(message)
  }
}

function parseOneNamespace(text: string): string {
  if (!isName(text)) throw new Error('expected the name of one namespace')
  return text
}
