import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { decodeMetadata, encodeMetadata, MAXIMUM_STORED_BYTES, type StoredMetadata } from './stored-metadata.ts'

/** Milliseconds from a change to when it is written, with all that changed meanwhile: a node's pods are some hundred KB. */
const WRITE_DELAY_MS = 5000
/** Only the agent's user: what pods' authors write into annotations is not for everybody on the node. */
const MODE = 0o600

/** Which labels and annotations of pods are stored: those that entries have, and those that decide what is read. */
export interface KeptKeys {
  label(key: string): boolean
  /** `bytes`: of its value. */
  annotation(key: string, bytes: number): 'whole' | 'key' | 'nothing'
  /** The same text as long as the above is the same, in another run too. */
  readonly rules: string
}

export interface MetadataCacheParts {
  readonly path: string
  readonly node: string
  readonly kept: KeptKeys
  readonly clock: Clock
  readonly log: Log
}

/**
 * What is known of the node's pods, on disk, for an agent that starts while the API server is away. A file of its own: the positions must
 * not depend on it, and an older program would take a second table in their database for damage. It is written whole, some seconds after a
 * change, and takes the place of the one before in one step. That it cannot be written or read costs nothing but itself.
 */
export class MetadataCache {
  readonly #parts: MetadataCacheParts
  #kept: KeptKeys
  readonly #closing = new AbortController()
  readonly #trouble: Trouble
  readonly #backoff = new Backoff({ initialMs: 10_000, maximumMs: 300_000 })
  #snapshot: () => StoredMetadata | undefined = () => undefined
  #isDirty = false
  #writing: Promise<void> | undefined
  /** Of what was written last. */
  #digest: string | undefined

  constructor(parts: MetadataCacheParts) {
    this.#parts = parts
    this.#kept = parts.kept
    this.#trouble = new Trouble(parts.clock)
  }

  /** Failures to write since the start. */
  get failures(): number {
    return this.#trouble.failureCount
  }

  /** Other labels and annotations are stored from now on. */
  keep(kept: KeptKeys): void {
    this.#kept = kept
    this.changed()
  }

  /** `snapshot` returns what is to be stored, undefined for nothing yet. */
  follow(snapshot: () => StoredMetadata | undefined): void {
    this.#snapshot = snapshot
  }

  /** Notes that `snapshot` has changed. Returns at once. */
  changed(): void {
    this.#isDirty = true
    this.#writing ??= this.#writeLater()
  }

  /** What an earlier run stored, if it can be used. Never rejects. */
  async read(): Promise<StoredMetadata | undefined> {
    const { path, node, log } = this.#parts
    try {
      const found = await stat(path)
      if (!found.isFile() || found.size > MAXIMUM_STORED_BYTES) throw new Error('it is no file that Loggy wrote')
      const stored = decodeMetadata(await readFile(path, 'utf8'), { node, rules: this.#kept.rules })
      if (stored === undefined)
        log.info('stored metadata of pods is not used: it is of another node or configuration', { path })
      else if (stored.damaged > 0) log.warn('stored metadata of pods is damaged', { path, damaged: stored.damaged })
      return stored
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        log.warn('stored metadata of pods cannot be read', { path, error: describeError(error) })
      return undefined
    }
  }

  /** Writes what has changed; resolves when that is done, or has failed. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writing
  }

  async #writeLater(): Promise<void> {
    const { signal } = this.#closing
    for (let isOver = false; this.#isDirty && !isOver; ) {
      const waitMs = this.#trouble.fault === undefined ? WRITE_DELAY_MS : this.#backoff.next()
      await this.#parts.clock.sleep(waitMs, signal)
      const isWritten = await this.#write()
      isOver = signal.aborted && !isWritten
    }
    this.#writing = undefined
  }

  /** Returns false if it failed. */
  async #write(): Promise<boolean> {
    const { path, node, log } = this.#parts
    this.#isDirty = false
    const metadata = this.#snapshot()
    if (metadata === undefined) return true
    const kept = this.#kept
    const pods = metadata.pods.values().map((pod) => reduced(pod, kept))
    try {
      const { parts, leftOut } = await encodeMetadata({ ...metadata, pods }, { node, rules: kept.rules })
      const hash = createHash('sha256')
      for (const part of parts) hash.update(part)
      const digest = hash.digest('base64')
      if (digest === this.#digest) return true
      await replaceFile(path, parts)
      this.#digest = digest
      if (leftOut > 0) log.debug('no room to store the metadata of all pods', { path, leftOut })
      if (this.#trouble.end() > 0) log.info('metadata of pods is stored again', { path })
      this.#backoff.reset()
      return true
    } catch (error) {
      this.#isDirty = true
      if (this.#trouble.note(systemCode(error) ?? 'other'))
        log.warn('metadata of pods cannot be stored; retrying', { path, error: describeError(error) })
      return false
    }
  }
}

/** Not synced: after a power cut the checksums tell what is missing, and writing it again costs nothing. */
async function replaceFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const next = `${path}.tmp`
  await mkdir(dirname(path), { recursive: true })
  await rm(next, { force: true }) // from a process that was killed
  await writeFile(next, parts, { mode: MODE, flag: 'wx' })
  await rename(next, path)
}

function reduced(pod: PodRecord, kept: KeptKeys): PodRecord {
  const annotations = Object.entries(pod.annotations)
  const isKept = (as: 'whole' | 'key', [key, value]: readonly [string, string]) =>
    kept.annotation(key, Buffer.byteLength(value)) === as
  const long = [
    ...annotations.filter((annotation) => isKept('key', annotation)).map(([key]) => key),
    ...(pod.longAnnotations ?? []).filter((key) => kept.annotation(key, Infinity) !== 'nothing'),
  ]
  const { longAnnotations: _, ...rest } = pod
  return {
    ...rest,
    labels: Object.fromEntries(Object.entries(pod.labels).filter(([key]) => kept.label(key))),
    annotations: Object.fromEntries(annotations.filter((annotation) => isKept('whole', annotation))),
    ...(long.length > 0 && { longAnnotations: long }),
  }
}
