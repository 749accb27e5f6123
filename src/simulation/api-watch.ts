import type { ServerResponse } from 'node:http'
import type { ApiEvent, ApiFilter, ApiKind, ApiObjects } from './api-objects.ts'
import { statusObject, tooLarge, tooOld } from './api-status.ts'

/** The parameters of a watch. */
export interface WatchOptions {
  readonly kind: ApiKind
  readonly filter: ApiFilter
  /** From the query; undefined or 0 starts with all existing objects. */
  readonly version: number | undefined
  /** Whether it begins with all existing objects, whatever the version, and whether a bookmark tells their end. */
  readonly isList: boolean
  readonly hasListEnd: boolean
  readonly timeoutSeconds: number
  readonly hasBookmarks: boolean
}

/** Milliseconds. A real server's watch cache sends bookmarks at this interval, and one more before the end. */
const bookmarkIntervalMs = 60_000
const lastBookmarkMs = 2000

/** One watch of one client: a response that gets one line per event. */
export class ApiWatch {
  readonly kind: ApiKind
  readonly #response: ServerResponse
  readonly #objects: ApiObjects
  readonly #hasBookmarks: boolean
  readonly #timers: NodeJS.Timeout[] = []

  constructor(response: ServerResponse, objects: ApiObjects, options: WatchOptions) {
    this.kind = options.kind
    this.#response = response
    this.#objects = objects
    this.#hasBookmarks = options.hasBookmarks
    response.flushHeaders()
    this.#start(options)
  }

  #start({ kind, filter, version = 0, isList, hasListEnd, timeoutSeconds }: WatchOptions): void {
    const { oldestVersion: oldest, version: current } = this.#objects
    const isOld = !isList && version !== 0 && version < oldest
    if (isOld || (isList && version > current)) {
      const fault = isOld ? tooOld(version, oldest) : tooLarge(version, current)
      this.#send({ type: 'ERROR', object: statusObject(fault) })
      this.end()
      return
    }
    if (version === 0 || isList)
      for (const object of this.#objects.list(kind, filter)) this.#send({ type: 'ADDED', object })
    else for (const event of this.#objects.eventsSince(version, { kind, filter })) this.#sendEvent(event)
    if (hasListEnd) this.bookmark({ 'k8s.io/initial-events-end': 'true' })
    const unsubscribe = this.#objects.subscribe({ kind, filter }, (event) => {
      // As on a real server: a watch from a future version stays silent until then.
      if (event.version > version) this.#sendEvent(event)
    })
    const timeoutMs = timeoutSeconds * 1000
    this.#timers.push(
      setInterval(() => this.bookmark(), bookmarkIntervalMs),
      setTimeout(() => this.bookmark(), Math.max(0, timeoutMs - lastBookmarkMs)),
      setTimeout(() => this.end(), timeoutMs),
    )
    this.#response.once('close', () => {
      unsubscribe()
      for (const timer of this.#timers) clearTimeout(timer)
    })
  }

  bookmark(annotations?: Readonly<Record<string, string>>): void {
    if (!this.#hasBookmarks) return
    const metadata = { resourceVersion: `${this.#objects.version}`, creationTimestamp: null, annotations }
    this.#send({ type: 'BOOKMARK', object: { kind: this.kind, apiVersion: 'v1', metadata, spec: {}, status: {} } })
  }

  /** Sends any bytes, for example half an event or half a character. */
  sendRaw(bytes: string | Uint8Array): void {
    this.#response.write(bytes)
  }

  sendError(status: object): void {
    this.#send({ type: 'ERROR', object: status })
  }

  /** Ends the response normally. */
  end(): void {
    this.#response.end()
  }

  #sendEvent({ type, object }: ApiEvent): void {
    this.#send({ type, object })
  }

  #send({ type, object }: { type: string; object: object }): void {
    this.#response.write(`${JSON.stringify({ type, object: { kind: this.kind, apiVersion: 'v1', ...object } })}\n`)
  }
}
