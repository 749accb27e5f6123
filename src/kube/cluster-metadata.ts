import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { NodeState } from '../model/node-state.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { ApiReader } from './client.ts'
import { LabelStore, projectLabels, projectNode } from './label-store.ts'
import type { KeptKeys, MetadataCache } from './metadata-cache.ts'
import { LEAST_KEPT_BYTES, projectPod } from './pod-record.ts'
import { PodStore } from './pod-store.ts'
import { Reflector, type ReflectorOptions, type ReflectorStatus } from './reflector.ts'
import type { StoredMetadata } from './stored-metadata.ts'

/** Maximum number of deleted pods to remember; a node runs some hundreds, and Jobs come and go. */
const MAXIMUM_DELETED_PODS = 1000
/** About the bytes of labels and annotations of deleted pods; a thousand pods with 256 KiB each would exceed the container's memory. */
const MAXIMUM_DELETED_BYTES = 8 * 1024 * 1024
/** Maximum number of namespaces to remember; more than a node has pods. */
const MAXIMUM_NAMESPACES = 1000
/** Milliseconds that pods wait at the start for the labels of their namespace and node. */
const LABELS_WAIT_MS = 5000
/**
 * Milliseconds for the API server to answer at the start, before what an earlier run stored is used. A list of a node's pods takes some 50;
 * a refused connection is known at once.
 */
const ANSWER_WAIT_MS = 300

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
  /** Undefined if nothing is stored. */
  readonly cache?: MetadataCache
}

type Labels = Readonly<Record<string, string>>

/** Metadata that all containers of a namespace share on this node; the same object until it changes. */
interface Around {
  readonly node: string
  readonly namespaceLabels: Labels | undefined
  readonly nodeLabels: Labels | undefined
  /** Whether some of these labels are from the disk; see PodRecord. */
  readonly isCached: boolean
}

/** The API server's metadata of the containers on this node, kept current with one watch per kind of object that is used. */
export class ClusterMetadata {
  readonly #options: ClusterMetadataOptions
  readonly #pods: PodStore
  readonly #namespaces = new LabelStore()
  readonly #nodes = new LabelStore()
  readonly #around = new Map<string, Around>()
  readonly #reflectors: readonly Pick<Reflector<unknown>, 'listed' | 'tried' | 'run' | 'status'>[]
  readonly #listeners: (() => void)[] = []
  readonly #clock: Clock
  readonly #log: Log
  readonly #cache: MetadataCache | undefined
  #isComplete = false
  /** What an earlier run stored is in use, or was. */
  #usesStored = false

  constructor(
    options: ClusterMetadataOptions,
    { client, clock, log, random = Math.random, cache }: ClusterMetadataParts,
  ) {
    this.#options = options
    this.#clock = clock
    this.#log = log
    this.#cache = cache
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
        ? [follow({ resource: 'nodes', fieldSelector: `metadata.name=${node}`, project: projectNode, target: nodes })]
        : []),
    ]
  }

  /** The first lists have arrived, or the wait for them is over: from now on lookups are answered. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Pods that the API server has on this node. `cached`: those that are known from the disk only. */
  get podCounts(): { readonly reported: number; readonly cached: number } {
    let cached = 0
    for (const pod of this.#pods.live()) if (pod.isCached) cached += 1
    return { reported: this.#pods.size - cached, cached }
  }

  /** Failures to store what is known; 0 without a cache. */
  get cacheFailures(): number {
    return this.#cache?.failures ?? 0
  }

  /** Other labels and annotations of pods are stored from now on. */
  keep(kept: KeptKeys): void {
    this.#cache?.keep(kept)
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
    this.#followByCache()
    await Promise.all([...this.#reflectors.map((reflector) => reflector.run(signal)), this.#useStored(signal)])
    await this.#cache?.close()
  }

  #followByCache(): void {
    const cache = this.#cache
    if (cache === undefined) return
    cache.follow(() => this.#toStore())
    for (const store of [this.#pods, this.#namespaces, this.#nodes]) store.onChange(() => cache.changed())
  }

  /** Undefined until pods are known: an agent that knows nothing must not overwrite what one before it knew. */
  #toStore(): StoredMetadata | undefined {
    if (!this.hasListedPods && !this.#usesStored) return undefined
    const pods = [...this.#pods.live()]
    const used = new Set(pods.map(({ namespace }) => namespace))
    const namespaces = [...this.#namespaces.records()].filter(({ name }) => used.has(name))
    return { pods, namespaces, nodes: [...this.#nodes.records()] }
  }

  /** If the API server does not answer at the start, lookups are answered from what an earlier run stored. */
  async #useStored(signal: AbortSignal): Promise<void> {
    if (this.#cache === undefined) return
    const tried = Promise.all(this.#reflectors.map((reflector) => reflector.tried))
    await Promise.race([tried, this.#clock.sleep(ANSWER_WAIT_MS, signal)])
    const isMissing = (name: string) => this.status().some(({ resource, hasListed }) => resource === name && !hasListed)
    if (signal.aborted || !this.status().some(({ hasListed }) => !hasListed)) return
    const stored = await this.#cache.read()
    if (stored === undefined) return
    this.#usesStored = true
    if (isMissing('namespaces')) this.#namespaces.replace(stored.namespaces)
    if (isMissing('nodes')) this.#nodes.replace(stored.nodes)
    if (!isMissing('pods')) return
    this.#log.warn('the API server does not answer: using metadata that an earlier run stored', {
      pods: stored.pods.length,
    })
    this.#pods.replace(stored.pods)
    // Also if nothing was stored for these pods: lookups are answered now.
    for (const listener of this.#listeners) listener()
  }

  /** The listener is called right after each change; it must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
    for (const store of [this.#pods, this.#namespaces, this.#nodes]) store.onChange(listener)
  }

  /**
   * The pod that wrote the container's log. Undefined if the API server has not reported it and no earlier run stored it, or at the start,
   * while the labels of its namespace and node are missing.
   */
  find(ref: ContainerRef): PodRecord | undefined {
    return this.#isComplete || this.#usesStored ? this.#pods.find(ref) : undefined
  }

  /** Whether the API server has listed the pods of this node. */
  get hasListedPods(): boolean {
    return this.status().some(({ resource, hasListed }) => resource === 'pods' && hasListed)
  }

  /** Whether changes of pods are heard of at the moment. */
  get isWatchingPods(): boolean {
    return this.status().some(({ resource, state }) => resource === 'pods' && state === 'watching')
  }

  /** What the node says of itself; undefined too if it is not watched. */
  get nodeState(): NodeState | undefined {
    return this.#nodes.find(this.#options.nodeName)?.state
  }

  /** The pods that are on this node now. */
  pods(): Iterable<PodRecord> {
    return this.#pods.live()
  }

  /** Metadata of the container's surroundings; labels are undefined if they are not used or not known. */
  around({ namespace }: ContainerRef): Around {
    const last = this.#around.get(namespace)
    const [ofNamespace, ofNode] = [this.#namespaces.find(namespace), this.#nodes.find(this.#options.nodeName)]
    const [namespaceLabels, nodeLabels] = [ofNamespace?.labels, ofNode?.labels]
    if (last !== undefined && last.namespaceLabels === namespaceLabels && last.nodeLabels === nodeLabels) return last
    if (this.#around.size >= MAXIMUM_NAMESPACES) this.#around.clear()
    const isCached = ofNamespace?.isCached === true || ofNode?.isCached === true
    const around = { node: this.#options.nodeName, namespaceLabels, nodeLabels, isCached }
    this.#around.set(namespace, around)
    return around
  }
}
