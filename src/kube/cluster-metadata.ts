import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { ApiReader } from './client.ts'
import { LabelStore, projectLabels } from './label-store.ts'
import { LEAST_KEPT_BYTES, projectPod } from './pod-record.ts'
import { PodStore } from './pod-store.ts'
import { Reflector, type ReflectorOptions, type ReflectorStatus } from './reflector.ts'

/** Maximum number of deleted pods to remember; a node runs some hundreds, and Jobs come and go. */
const MAXIMUM_DELETED_PODS = 1000
/** About the bytes of labels and annotations of deleted pods; a thousand pods with 256 KiB each would exceed the container's memory. */
const MAXIMUM_DELETED_BYTES = 8 * 1024 * 1024
/** Maximum number of namespaces to remember; more than a node has pods. */
const MAXIMUM_NAMESPACES = 1000
/** Milliseconds that pods wait at the start for the labels of their namespace and node. */
const LABELS_WAIT_MS = 5000

export interface ClusterMetadataOptions {
  readonly nodeName: string
  /** Milliseconds to remember a deleted pod after it was last looked up. */
  readonly deletedPodGracePeriod: number
  readonly namespaceLabels: boolean
  readonly nodeLabels: boolean
  /** Maximum size of an annotation's value at the start; see `projectPod`. */
  readonly maxAnnotationBytes: number
}

export interface ClusterMetadataParts {
  readonly client: ApiReader
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
}

type Labels = Readonly<Record<string, string>>

/** Metadata that all containers of a namespace share on this node; the same object until it changes. */
interface Around {
  readonly node: string
  readonly namespaceLabels: Labels | undefined
  readonly nodeLabels: Labels | undefined
}

/** The API server's metadata of the containers on this node, kept current with one watch per kind of object that is used. */
export class ClusterMetadata {
  readonly #options: ClusterMetadataOptions
  readonly #pods: PodStore
  readonly #namespaces = new LabelStore()
  readonly #nodes = new LabelStore()
  readonly #around = new Map<string, Around>()
  readonly #reflectors: readonly Pick<Reflector<unknown>, 'listed' | 'run' | 'status'>[]
  readonly #listeners: (() => void)[] = []
  readonly #clock: Clock
  #isComplete = false

  constructor(options: ClusterMetadataOptions, { client, clock, log, random = Math.random }: ClusterMetadataParts) {
    this.#options = options
    this.#clock = clock
    this.#pods = new PodStore({
      gracePeriodMs: options.deletedPodGracePeriod,
      maximumDeletedPods: MAXIMUM_DELETED_PODS,
      maximumDeletedBytes: MAXIMUM_DELETED_BYTES,
      clock,
    })
    const follow = <T>(which: Pick<ReflectorOptions<T>, 'resource' | 'fieldSelector' | 'project' | 'target'>) =>
      new Reflector<T>({ ...which, client, clock, log, random })
    const node = options.nodeName
    const keptBytes = Math.max(LEAST_KEPT_BYTES, options.maxAnnotationBytes)
    const project = (object: unknown) => projectPod(object, keptBytes)
    const [namespaces, nodes] = [this.#namespaces, this.#nodes]
    this.#reflectors = [
      follow({ resource: 'pods', fieldSelector: `spec.nodeName=${node}`, project, target: this.#pods }),
      ...(options.namespaceLabels
        ? [follow({ resource: 'namespaces', fieldSelector: undefined, project: projectLabels, target: namespaces })]
        : []),
      ...(options.nodeLabels
        ? [follow({ resource: 'nodes', fieldSelector: `metadata.name=${node}`, project: projectLabels, target: nodes })]
        : []),
    ]
  }

  /** The first lists have arrived, or the wait for them is over: from now on lookups are answered. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Pods that the API server has on this node. */
  get podCount(): number {
    return this.#pods.size
  }

  /** The state of each reflector. */
  status(): ReflectorStatus[] {
    return this.#reflectors.map(({ status }) => status)
  }

  /** Watches until the signal aborts. All failures of the API are retried. */
  async run(signal: AbortSignal): Promise<void> {
    const listed = Promise.all(this.#reflectors.map((reflector) => reflector.listed))
    void Promise.race([listed, this.#clock.sleep(LABELS_WAIT_MS, signal)]).then(() => {
      this.#isComplete = true
      for (const listener of this.#listeners) listener()
    })
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)))
  }

  /** The listener is called right after each change; it must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
    for (const store of [this.#pods, this.#namespaces, this.#nodes]) store.onChange(listener)
  }

  /**
   * The pod that wrote the container's log. Undefined if the API server has not reported it, or at the start, while the labels of its
   * namespace and node are missing.
   */
  find(ref: ContainerRef): PodRecord | undefined {
    return this.#isComplete ? this.#pods.find(ref) : undefined
  }

  /** Whether the API server has listed the pods of this node. */
  get hasListedPods(): boolean {
    return this.status().some(({ resource, hasListed }) => resource === 'pods' && hasListed)
  }

  /** The pods that are on this node now. */
  pods(): Iterable<PodRecord> {
    return this.#pods.live()
  }

  /** Metadata of the container's surroundings; labels are undefined if they are not used or not known. */
  around({ namespace }: ContainerRef): Around {
    const last = this.#around.get(namespace)
    const namespaceLabels = this.#namespaces.find(namespace)
    const nodeLabels = this.#nodes.find(this.#options.nodeName)
    if (last !== undefined && last.namespaceLabels === namespaceLabels && last.nodeLabels === nodeLabels) return last
    if (this.#around.size >= MAXIMUM_NAMESPACES) this.#around.clear()
    const around = { node: this.#options.nodeName, namespaceLabels, nodeLabels }
    this.#around.set(namespace, around)
    return around
  }
}
