import { isDeepStrictEqual } from 'node:util'
import { LoggyError } from '../lib/errors.ts'
import type { NodeState } from '../model/node-state.ts'
import { fieldsOf, listOf, stringsOf, textOf } from './fields.ts'

/** The labels of a namespace or a node. */
export interface LabelRecord {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Of a node; absent for the usual one. */
  readonly state?: NodeState
  /** From the disk; see PodRecord. */
  readonly isCached?: true
}

/** The part of a Namespace or Node object that Loggy keeps. Throws LoggyError `KUBE_OBJECT` if it has no name. */
export function projectLabels(object: unknown): LabelRecord {
  const metadata = fieldsOf(fieldsOf(object).metadata)
  const name = textOf(metadata.name)
  if (name === undefined) throw new LoggyError('KUBE_OBJECT', 'an object without a name')
  return { name, labels: stringsOf(metadata.labels) }
}

/**
 * Taints of a node that is about to go: of the cloud's controller, of who declares it dead, of the cluster autoscaler, and of Karpenter
 * before and since 1.0.
 */
const GOING: ReadonlySet<unknown> = new Set([
  'node.cloudprovider.kubernetes.io/shutdown',
  'node.kubernetes.io/out-of-service',
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disruption',
  'karpenter.sh/disrupted',
])

/** The same of a Node, and whether it shuts down. */
export function projectNode(object: unknown): LabelRecord {
  const { spec, status } = fieldsOf(object)
  const { unschedulable, taints } = fieldsOf(spec)
  const isShutDown = listOf(fieldsOf(status).conditions)
    .map(fieldsOf)
    // Source: kubelet, `nodestatus/setters.go` and `nodeshutdown/nodeshutdown_manager_linux.go`.
    .some(({ type, message }) => type === 'Ready' && (textOf(message) ?? '').includes('node is shutting down'))
  const isGoing = isShutDown || listOf(taints).some((taint) => GOING.has(fieldsOf(taint).key))
  const state = isGoing ? 'going' : unschedulable === true ? 'cordoned' : undefined
  return { ...projectLabels(object), ...(state !== undefined && { state }) }
}

/**
 * Labels by the name of their namespace or node. Labels of a deleted object are kept until the next list: the last lines of its pods
 * may not have been read yet.
 */
export class LabelStore {
  #records = new Map<string, LabelRecord>()
  readonly #listeners: (() => void)[] = []

  /** The same object until it changes. */
  find(name: string): LabelRecord | undefined {
    return this.#records.get(name)
  }

  records(): Iterable<LabelRecord> {
    return this.#records.values()
  }

  /** The listener is called right after each change, without arguments; it must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  replace(records: readonly LabelRecord[]): void {
    const before = this.#records
    this.#records = new Map(records.map((record) => [record.name, this.#storedOr(record)]))
    const isSame =
      before.size === this.#records.size && records.every(({ name }) => before.get(name) === this.#records.get(name))
    if (!isSame) this.#announce()
  }

  apply(change: 'upsert' | 'delete', record: LabelRecord): void {
    if (change === 'delete' || this.#storedOr(record) !== record) return
    this.#records.set(record.name, record)
    this.#announce()
  }

  /** The stored record if it is equal. */
  #storedOr(record: LabelRecord): LabelRecord {
    const stored = this.#records.get(record.name)
    return stored !== undefined && isDeepStrictEqual(stored, record) ? stored : record
  }

  #announce(): void {
    for (const listener of this.#listeners) listener()
  }
}
