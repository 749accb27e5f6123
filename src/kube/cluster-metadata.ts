import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { NodeState } from '../model/node-state.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { ApiReader } from './client.ts'
import { projectKubeletPod } from './kubelet-pod.ts'
import { KubeletPods, type KubeletPodsOptions } from './kubelet-pods.ts'
import { LabelStore, projectLabels, projectNode } from './label-store.ts'
import type { KeptKeys, MetadataCache } from './metadata-cache.ts'
import { LEAST_KEPT_BYTES, projectPod } from './pod-record.ts'
import { PodStore } from './pod-store.ts'
import { Reflector } from './reflector.ts'
import type { ReflectorOptions } from './reflector-options.ts'
import type { ReflectorStatus } from './reflector-status.ts'
import type { StoredMetadata } from './stored-metadata.ts'
import { type Around, Surroundings } from './surroundings.ts'

/** Maximum number of deleted pods to remember; a node runs some hundreds, and Jobs come and go. */
const MAXIMUM_DELETED_PODS = 1000
/** About the bytes of labels and annotations of deleted pods; a thousand pods with 256 KiB each would exceed the container's memory. */
const MAXIMUM_DELETED_BYTES = 8 * 1024 * 1024
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
  /** Of the API server. */
  readonly client: ApiReader
  /** Undefined if the node's kubelet is not asked; if it is asked always, the API server is not asked for pods. */
  readonly kubelet?: Pick<KubeletPodsOptions, 'client' | 'asks'>
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
  /** Undefined if nothing is stored. */
  readonly cache?: MetadataCache
}

/** One kind of object, followed at one server. */
type Followed = Pick<Reflector<unknown>, 'listed' | 'tried' | 'run' | 'status'>

/** The metadata of the containers on this node, kept current with one watch per kind of object that is used, or by questions to the node's kubelet. */
export class ClusterMetadata {
  readonly #options: ClusterMetadataOptions
  readonly #pods: PodStore
  readonly #namespaces = new LabelStore()
  readonly #nodes = new LabelStore()
  readonly #surroundings: Surroundings
  /** The first one is asked for all pods, another one for those that it has not reported. */
  readonly #podSources: readonly Followed[]
  readonly #labelSources: readonly Followed[]
  readonly #kubelet: KubeletPods | undefined
  readonly #listeners: (() => void)[] = []
  readonly #clock: Clock
  readonly #log: Log
  readonly #cache: MetadataCache | undefined
  #isComplete = false
  /** What an earlier run stored is in use, or was. */
  #usesStored = false

  constructor(
    options: ClusterMetadataOptions,
    { client, kubelet, clock, log, random = Math.random, cache }: ClusterMetadataParts,
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
    // A list of one node's pods costs the API server a quarter of the CPU of a stream that begins with them: see reflector-options.ts.
    const follow = <T>(which: Omit<ReflectorOptions<T>, 'client' | 'clock' | 'log' | 'random'>) =>
      new Reflector<T>({ ...which, client, clock, log, random })
    const node = options.nodeName
    const keptBytes = Math.max(LEAST_KEPT_BYTES, options.maxAnnotationBytes)
    const [pods, namespaces, nodes] = [this.#pods, this.#namespaces, this.#nodes]
    this.#surroundings = new Surroundings({ ...options, namespaces, nodes })
    this.#kubelet =
      kubelet &&
      new KubeletPods({
        ...kubelet,
        project: (object) => projectKubeletPod(object, keptBytes),
        onPods: (records) => (kubelet.asks === 'always' ? pods.replace(records) : pods.add(records)),
        isKnown: (uid) => pods.hasReported(uid),
        clock,
        log,
        random,
      })
    const project = (object: unknown) => projectPod(object, keptBytes)
    this.#podSources = [
      ...(kubelet?.asks === 'always'
        ? []
        : [follow({ resource: 'pods', fieldSelector: `spec.nodeName=${node}`, project, target: pods })]),
      ...(this.#kubelet === undefined ? [] : [this.#kubelet]),
    ]
    this.#labelSources = [
      ...(options.namespaceLabels
        ? [follow({ resource: 'namespaces', streamsList: true, project: projectLabels, target: namespaces })]
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

  /** The state of each source. */
  status(): ReflectorStatus[] {
    return [...this.#podSources, ...this.#labelSources].map(({ status }) => status)
  }

  /** From now on pods' changes are heard of as soon as can be: the agent ends, perhaps with its node. Resolves when the latest are known; undefined if they are. */
  hurry(): Promise<void> | undefined {
    return this.#kubelet?.hurry()
  }

  /** Watches until the signal aborts. All failures of the API are retried. */
  async run(signal: AbortSignal): Promise<void> {
    const listed = Promise.all([
      Promise.race(this.#podSources.map((source) => source.listed)),
      ...this.#labelSources.map((source) => source.listed),
    ])
    void Promise.race([listed, this.#clock.sleep(LABELS_WAIT_MS, signal)]).then(() => {
      this.#isComplete = true
      for (const listener of this.#listeners) listener()
    })
    this.#followByCache()
    const sources = [...this.#podSources, ...this.#labelSources]
    await Promise.all([...sources.map((source) => source.run(signal)), this.#useStored(signal)])
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

  /** If nobody answers at the start, lookups are answered from what an earlier run stored. */
  async #useStored(signal: AbortSignal): Promise<void> {
    const [first] = this.#podSources
    if (this.#cache === undefined || first === undefined) return
    const tried = Promise.all([first, ...this.#labelSources].map((source) => source.tried))
    await Promise.race([tried, this.#clock.sleep(ANSWER_WAIT_MS, signal)])
    const isMissing = (name: string) =>
      this.#labelSources.some(({ status }) => status.resource === name && !status.hasListed)
    const isAllThere = this.hasListedPods && !this.#labelSources.some(({ status }) => !status.hasListed)
    if (signal.aborted || isAllThere) return
    const stored = await this.#cache.read()
    if (stored === undefined) return
    this.#usesStored = true
    if (isMissing('namespaces')) this.#namespaces.replace(stored.namespaces)
    if (isMissing('nodes')) this.#nodes.replace(stored.nodes)
    if (!this.hasListedPods) this.#useStoredPods(first, stored)
    // Also if nothing was stored for these pods: lookups are answered now.
    for (const listener of this.#listeners) listener()
  }

  #useStoredPods(first: Followed, { pods }: StoredMetadata): void {
    const who = first === this.#kubelet ? 'the kubelet' : 'the API server'
    this.#log.warn(`${who} does not answer: using metadata that an earlier run stored`, { pods: pods.length })
    this.#pods.replace(pods)
  }

  /** The listener is called right after each change; it must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
    for (const store of [this.#pods, this.#namespaces, this.#nodes]) store.onChange(listener)
  }

  /**
   * The pod that wrote the container's log. Undefined if nobody has reported it and no earlier run stored it, or at the start, while the
   * labels of its namespace and node are missing.
   */
  find(ref: ContainerRef): PodRecord | undefined {
    const pod = this.#pods.find(ref)
    if (this.#kubelet !== undefined && ref.uid !== undefined && (pod === undefined || pod.isCached))
      this.#kubelet.miss(ref.uid)
    return this.#isComplete || this.#usesStored ? pod : undefined
  }

  /** Whether the API server or the kubelet has listed the pods of this node. */
  get hasListedPods(): boolean {
    return this.#podSources.some(({ status }) => status.hasListed)
  }

  /** Whether changes of pods are heard of at the moment. */
  get isWatchingPods(): boolean {
    const [first] = this.#podSources
    return first !== undefined && first === this.#kubelet ? this.#kubelet.isCurrent : first?.status.state === 'watching'
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
    return this.#surroundings.of(namespace)
  }
}
