import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { NodeState } from '../model/node-state.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { isEnding, nodeEndOf } from '../select/node-end.ts'

/**
 * Milliseconds, after SIGTERM and after each other pod that begins to end, for which the agent looks whether more do: whoever deletes all pods
 * of a node deletes one after the other, and the agent's may be the first. A kubelet takes a second to notice that a container has ended, so
 * an update is not slower for it.
 */
const LOOK_MS = 500
/** Milliseconds for which all logs must have been read to their ends: the link of a container's log may come after its first lines. */
const QUIET_MS = 1000

export interface LeaveParts {
  /** Milliseconds to read on, at most. */
  readonly graceMs: number
  /** Makes changes of pods known as soon as can be. Resolves when the latest are known; undefined if they are. */
  hurry(): Promise<void> | undefined
  /** Pods that the API server has on this node. */
  pods(): Iterable<PodRecord>
  nodeState(): NodeState | undefined
  /** Whether changes of pods are heard of at the moment. */
  isWatching(): boolean
  isOwn(pod: PodRecord): boolean
  find(ref: ContainerRef): PodRecord | undefined
  /** All logs that are read. `isRead`: to the end, for now. */
  logs(): Iterable<{ readonly ref: ContainerRef; readonly isRead: boolean }>
  readonly clock: Clock
  readonly log: Log
}

/**
 * How an agent ends after SIGTERM. Usually at once: the next one reads on. If the node shuts down there is no next one: then it reads on until
 * every log of a pod that ends has been read to its end.
 */
export class Leave {
  readonly #parts: LeaveParts
  readonly #sinceMs: number
  #isStaying = false
  #isHurrying = false
  /** How many other pods end, and when there was last one more. */
  #others: { readonly ending: number; readonly sinceMs: number }
  /** Since when all is read, in monotonic milliseconds. */
  #quietMs: number | undefined

  constructor(parts: LeaveParts) {
    this.#parts = parts
    this.#sinceMs = parts.clock.monotonic()
    this.#others = { ending: 0, sinceMs: this.#sinceMs }
    void this.#hurry()
  }

  async #hurry(): Promise<void> {
    const { graceMs, hurry, clock } = this.#parts
    const known = graceMs === 0 ? undefined : hurry()
    if (known === undefined) return
    this.#isHurrying = true
    await known
    this.#isHurrying = false
    this.#others = { ...this.#others, sinceMs: clock.monotonic() }
  }

  /** Milliseconds that are left for the last acks; undefined if the agent has not stayed. */
  get leftMs(): number | undefined {
    return this.#isStaying ? Math.max(0, this.#parts.graceMs - this.#elapsedMs) : undefined
  }

  /** Whether nothing more is to be read. Call often. */
  isOver(): boolean {
    if (this.#isStaying) return this.#hasReadAll()
    return !(this.#isHurrying ? this.#elapsedMs < this.#parts.graceMs : this.#mayStay())
  }

  get #elapsedMs(): number {
    return this.#parts.clock.monotonic() - this.#sinceMs
  }

  #mayStay(): boolean {
    const { graceMs, pods, nodeState, isWatching, isOwn, clock, log } = this.#parts
    if (graceMs === 0) return false
    const all = [...pods()]
    const others = all.filter((pod) => !isOwn(pod))
    const { isNode, ending } = nodeEndOf(others, { nodeState: nodeState(), nowMs: clock.now() })
    if (isNode) {
      this.#isStaying = true
      log.info('the node is shutting down: reading on until the logs of its pods have ended', { ending, graceMs })
      return true
    }
    const nowMs = clock.monotonic()
    if (ending > this.#others.ending) this.#others = { ending, sinceMs: nowMs }
    const isHeard = isWatching() && others.length < all.length
    return isHeard && nowMs - this.#others.sinceMs < LOOK_MS && this.#elapsedMs < graceMs
  }

  #hasReadAll(): boolean {
    const { clock, graceMs, log } = this.#parts
    const unread = this.#unread()
    this.#quietMs = unread.length > 0 ? undefined : (this.#quietMs ?? clock.monotonic())
    if (this.#quietMs !== undefined && clock.monotonic() - this.#quietMs >= QUIET_MS) return true
    if (this.#elapsedMs < graceMs) return false
    const names = unread.slice(0, 10).map(({ namespace, pod, container }) => `${namespace}/${pod}/${container}`)
    if (unread.length > 0)
      log.warn('shutdown.grace is over before all logs have ended', { graceMs, logs: unread.length, first: names })
    return true
  }

  /** Logs of pods that end, and of pods that are gone or not known, which may still grow or have unread lines. */
  #unread(): ContainerRef[] {
    const { pods, find, logs, nodeState, clock } = this.#parts
    const live = new Set(pods())
    const isNodeGoing = nodeState() === 'going'
    return [...logs()].flatMap(({ ref, isRead }) => {
      const pod = find(ref)
      const isLive = pod !== undefined && live.has(pod)
      const stays = isLive && !isEnding(pod, clock.now()) && (!isNodeGoing || pod.configHash !== undefined)
      const mayGrow = isLive && pod.containers.get(ref.container)?.isRunning === true
      return stays || (isRead && !mayGrow) ? [] : [ref]
    })
  }
}
