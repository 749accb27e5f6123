import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { PodRecord } from '../model/pod-record.ts'

/** Options of a PodStore. */
export interface PodStoreOptions {
  /** Milliseconds to keep a deleted pod after it was last looked up. */
  readonly gracePeriodMs: number
  readonly maximumDeletedPods: number
  /** About the bytes of their labels and annotations. */
  readonly maximumDeletedBytes: number
  readonly clock: Clock
}

/**
 * The node's pods by uid, by static pods' config hash, and by name. A deleted pod can be found while its files are still read:
 * each lookup restarts its grace period. If a pod's new record equals the stored one, the stored object is kept.
 */
export class PodStore {
  /** By uid and by config hash; both identify one pod for ever. */
  readonly #byId = new Map<string, PodRecord>()
  readonly #byName = new Map<string, PodRecord>()
  /** By uid, config hash and name. */
  readonly #deleted: LRUCache<string, PodRecord>
  readonly #listeners: (() => void)[] = []

  constructor({ gracePeriodMs, maximumDeletedPods, maximumDeletedBytes, clock }: PodStoreOptions) {
    this.#deleted = new LRUCache({
      max: maximumDeletedPods * KEYS_PER_POD,
      maxSize: maximumDeletedBytes * KEYS_PER_POD,
      sizeCalculation: bytesOf,
      ttl: gracePeriodMs,
      updateAgeOnGet: true,
      ttlResolution: 0,
      perf: { now: () => clock.monotonic() },
    })
  }

  /** Number of pods that are not deleted. */
  get size(): number {
    return this.live().reduce((count) => count + 1, 0)
  }

  /** The listener is called right after each change, without arguments; it must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Applies a list: pods that are not in it are gone. */
  replace(records: readonly PodRecord[]): void {
    const uids = new Set(records.map((record) => record.uid))
    const gone = [...this.live()].filter((record) => !uids.has(record.uid))
    for (const record of gone) this.#delete(record)
    const changed = records.filter((record) => this.#upsert(record))
    if (gone.length + changed.length > 0) this.#announce()
  }

  /**
   * Adds what another source has and the usual one has not reported: pods that are not known, or from the disk only. The others may be
   * newer here.
   */
  add(records: readonly PodRecord[]): void {
    const news = records.filter(({ uid }) => !this.hasReported(uid))
    // A static pod's own uid is its config hash; the API server's may be known from the disk.
    const added = news.map((record) => ({ ...record, uid: this.#byId.get(record.uid)?.uid ?? record.uid }))
    if (added.filter((record) => this.#upsert(record)).length > 0) this.#announce()
  }

  /** Whether a pod with that uid or config hash was reported, even if it is deleted by now. */
  hasReported(id: string): boolean {
    const known = this.#byId.get(id) ?? this.#deleted.peek(id)
    return known !== undefined && !known.isCached
  }

  /** Applies an event of a watch. A deletion is matched by uid, so that a new pod of the same name is not affected. */
  apply(change: 'upsert' | 'delete', record: PodRecord): void {
    const isApplied = change === 'upsert' ? this.#upsert(record) : this.#delete(record)
    if (isApplied) this.#announce()
  }

  /**
   * The pod of a log file. A uid finds exactly that pod. The name is used only if the path has no uid, or if a static pod's
   * manifest sets its own uid, which the API does not show. It finds no pod from the disk: by now another one may have that name.
   */
  find(ref: ContainerRef): PodRecord | undefined {
    if (ref.uid === undefined) return this.#named(ref)
    const identified = this.#byId.get(ref.uid) ?? this.#deleted.get(ref.uid)
    if (identified !== undefined) return identified
    const named = this.#named(ref)
    return named !== undefined && isMirror(named) && !configHashPattern.test(ref.uid) ? named : undefined
  }

  /** Pods that are not deleted. */
  *live(): Generator<PodRecord> {
    for (const [id, record] of this.#byId) if (id === record.uid) yield record
  }

  #named({ namespace, pod }: ContainerRef): PodRecord | undefined {
    const key = nameKey(namespace, pod)
    const record = this.#byName.get(key) ?? this.#deleted.get(key)
    return record?.isCached ? undefined : record
  }

  #upsert(record: PodRecord): boolean {
    const stored = this.#byId.get(record.uid) ?? this.#kubeletsOwn(record)
    if (stored !== undefined && isDeepStrictEqual(stored, record)) return false
    // A pod that was replaced by one of the same name may still change until it is gone; the name refers to the new pod.
    const isReplaced = stored !== undefined && this.#byName.get(nameKey(stored.namespace, stored.name)) !== stored
    if (stored !== undefined) this.#forget(stored)
    for (const key of keysOf(record)) this.#deleted.delete(key)
    this.#byId.set(record.uid, record)
    if (isReplaced) return true
    if (record.configHash !== undefined) this.#byId.set(record.configHash, record)
    this.#byName.set(nameKey(record.namespace, record.name), record)
    return true
  }

  #delete(record: PodRecord): boolean {
    const stored = this.#byId.get(record.uid)
    if (stored === undefined) return false
    this.#forget(stored)
    for (const key of keysOf(record)) this.#deleted.set(key, record)
    return true
  }

  /** A static pod as the kubelet has it, of which this is the mirror pod. */
  #kubeletsOwn({ configHash }: PodRecord): PodRecord | undefined {
    const stored = configHash === undefined ? undefined : this.#byId.get(configHash)
    return stored?.uid === configHash ? stored : undefined
  }

  /** Removes a pod, but not the name and hash if a newer pod has them: a recreated mirror pod has the same ones. */
  #forget(stored: PodRecord): void {
    for (const id of idsOf(stored)) if (this.#byId.get(id) === stored) this.#byId.delete(id)
    const key = nameKey(stored.namespace, stored.name)
    if (this.#byName.get(key) === stored) this.#byName.delete(key)
  }

  #announce(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Uid, config hash and name. */
const KEYS_PER_POD = 3

/** At least 1, as the cache requires. */
function bytesOf({ labels, annotations }: PodRecord): number {
  let bytes = 1
  for (const map of [labels, annotations]) for (const key in map) bytes += key.length + (map[key]?.length ?? 0)
  return bytes
}

/** The form of the uid that the kubelet computes for a static pod, unless its manifest sets one. */
const configHashPattern = /^[0-9a-f]{32}$/

function isMirror(record: PodRecord): boolean {
  const source = record.annotations['kubernetes.io/config.source']
  return record.annotations['kubernetes.io/config.mirror'] !== undefined || (source !== undefined && source !== 'api')
}

function idsOf(record: PodRecord): string[] {
  return record.configHash === undefined ? [record.uid] : [record.uid, record.configHash]
}

function keysOf(record: PodRecord): string[] {
  return [...idsOf(record), nameKey(record.namespace, record.name)]
}

/** Neither uids nor hashes contain a slash. */
function nameKey(namespace: string, name: string): string {
  return `${namespace}/${name}`
}
