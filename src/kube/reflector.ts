import type { Clock } from '../lib/clock.ts'
import { describeError, LoggyError } from '../lib/errors.ts'
import type { Log } from '../model/log.ts'
import { ApiError } from './api-error.ts'
import type { ApiReader, ApiResponse } from './client.ts'
import { Deadline } from './deadline.ts'
import { type ObjectList, readList } from './list.ts'
import { ReflectorLog } from './reflector-log.ts'
import { isOlder } from './resource-version.ts'
import { RetryDelay } from './retry-delay.ts'
import { type WatchEvent, watchEvents } from './watch.ts'

/** Receives the objects of a reflector. */
export interface ReflectorTarget<T> {
  /** A complete list: objects that are not in it do not exist. */
  replace(records: readonly T[]): void
  apply(change: 'upsert' | 'delete', record: T): void
}

/** What a reflector watches, and how. */
export interface ReflectorOptions<T> {
  readonly client: ApiReader
  readonly resource: 'pods' | 'namespaces' | 'nodes'
  /** Such as `spec.nodeName=node-1`; undefined for all. */
  readonly fieldSelector: string | undefined
  /** Undefined: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  /** Trims an object to what is stored; throws for an invalid one, which is counted and ignored. */
  readonly project: (object: unknown) => T
  readonly target: ReflectorTarget<T>
  readonly log: Log
  readonly clock: Clock
  /** A random number from 0 to 1. */
  readonly random: () => number
}

/**
 * What a reflector does next. `cache`: list from the server's cache. `last-seen`: list at least as new as what was last seen.
 * `database`: list from the server's database, if it cannot do that.
 */
export type ReflectorState =
  | { readonly kind: 'listing'; readonly from: 'cache' | 'last-seen' | 'database' }
  | { readonly kind: 'watching' }
  | { readonly kind: 'waiting'; readonly milliseconds: number; readonly next: ReflectorState }
  | { readonly kind: 'stopped' }

/** Since the start. `errors`: all failures but expired versions. `parseErrors`: those among them with an invalid body in a 200. */
export interface ReflectorCounters {
  lists: number
  watches: number
  events: number
  bookmarks: number
  expired: number
  errors: number
  parseErrors: number
}

/** The state of a reflector. */
export interface ReflectorStatus {
  readonly resource: string
  readonly state: ReflectorState['kind']
  /** Whether a list has been completed. */
  readonly hasListed: boolean
  readonly counters: Readonly<ReflectorCounters>
}

/** Seconds. A watch is requested for this long up to twice as long, as in client-go, so that the agents do not all reconnect together. */
const watchSeconds = 300
/** Milliseconds after its time until a watch is considered dead. */
const watchSlackMs = 30_000
/** Milliseconds. The server's own limit for requests other than watches is 60 s. */
const listTimeoutMs = 60_000
/** Milliseconds. A watch that ends sooner was not served properly. */
const shortWatchMs = 1000
/**
 * Milliseconds. A watch that lasted this long shows that the server works, however the watch ended: the next wait is short again. Load
 * balancers cut connections that are quiet for 30 to 60 s. If each cut counted as one more failure, the agent would soon miss changes
 * for half a minute after each.
 */
const healthyWatchMs = 10_000

/** Keeps a target equal to the API server's state: one list, then watches, without end. Every failure is retried. */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>
  readonly #delay: RetryDelay
  readonly #log: ReflectorLog
  readonly #listed = Promise.withResolvers<void>()
  readonly #tried = Promise.withResolvers<void>()
  readonly #counters: ReflectorCounters = {
    lists: 0,
    watches: 0,
    events: 0,
    bookmarks: 0,
    expired: 0,
    errors: 0,
    parseErrors: 0,
  }
  #state: ReflectorState = { kind: 'listing', from: 'cache' }
  #hasListed = false
  /** The target is complete up to this version; the next watch continues here. */
  #resourceVersion = '0'

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#delay = new RetryDelay(options.random)
    this.#log = new ReflectorLog(options.resource, options)
  }

  get state(): ReflectorState {
    return this.#state
  }

  get counters(): Readonly<ReflectorCounters> {
    return this.#counters
  }

  get status(): ReflectorStatus {
    const { kind: state } = this.#state
    return { resource: this.#options.resource, state, hasListed: this.#hasListed, counters: this.#counters }
  }

  /** Resolves when the first list is complete; may stay pending for ever. */
  get listed(): Promise<void> {
    return this.#listed.promise
  }

  /** Resolves when the first try to list is over, in success or failure. */
  get tried(): Promise<void> {
    return this.#tried.promise
  }

  /** Runs until the signal aborts, then resolves. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) this.#state = await this.#step(this.#state, signal)
    this.#state = { kind: 'stopped' }
  }

  async #step(state: ReflectorState, signal: AbortSignal): Promise<ReflectorState> {
    switch (state.kind) {
      case 'listing':
        return await this.#list(state.from, signal)
      case 'watching':
        return await this.#watch(signal)
      case 'waiting':
        await this.#options.clock.sleep(state.milliseconds, signal)
        return state.next
      case 'stopped':
        return state
    }
  }

  async #list(from: 'cache' | 'last-seen' | 'database', signal: AbortSignal): Promise<ReflectorState> {
    const versions = {
      cache: { resourceVersion: '0' },
      'last-seen': { resourceVersion: this.#resourceVersion },
      database: {},
    }
    const deadline = new Deadline(this.#options.clock, { milliseconds: listTimeoutMs, signal })
    this.#counters.lists += 1
    try {
      const { body } = await this.#get(versions[from], deadline.signal)
      this.#replace(await readList(body, (object) => this.#project(object)))
      this.#log.succeed('list')
      return { kind: 'watching' }
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' }
      const cannotGive = error instanceof ApiError && (error.isExpired || error.isTooLarge)
      return this.#retry('list', { error, next: { kind: 'listing', from: cannotGive ? 'database' : from } })
    } finally {
      this.#tried.resolve()
      deadline.clear()
    }
  }

  #replace(list: ObjectList<T>): void {
    if (isOlder(list.resourceVersion, this.#resourceVersion)) {
      const fields = { resource: this.#options.resource, from: this.#resourceVersion, to: list.resourceVersion }
      this.#options.log.warn('The API server has an older state than before; using it', fields)
    }
    this.#options.target.replace(list.items)
    this.#resourceVersion = list.resourceVersion
    this.#hasListed = true
    this.#listed.resolve()
  }

  async #watch(signal: AbortSignal): Promise<ReflectorState> {
    const { clock, random } = this.#options
    const timeoutSeconds = Math.round(watchSeconds * (1 + random()))
    const deadline = new Deadline(clock, { milliseconds: timeoutSeconds * 1000 + watchSlackMs, signal })
    const watch = { startedAt: clock.monotonic(), timeoutMs: timeoutSeconds * 1000, from: this.#resourceVersion }
    this.#counters.watches += 1
    const query = {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${timeoutSeconds}`,
      resourceVersion: watch.from,
    }
    try {
      const { body } = await this.#get(query, deadline.signal)
      await this.#takeAll(body)
      return this.#afterEnd(watch)
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' }
      if (deadline.hasPassed)
        return this.#retry('watch', {
          error: new LoggyError('KUBE_WATCH_SILENT', 'a watch did not end in time'),
          next: this.#afterEmptyWatch(watch),
        })
      if (error instanceof LoggyError) return this.#retry('watch', { error, next: this.#afterFailure(error) })
      // A connection that breaks between or within events: restarts of the server and of load balancers look like this.
      const next = this.#afterEnd(watch)
      return next.kind === 'waiting' ? next : this.#wait(next)
    } finally {
      deadline.clear()
    }
  }

  async #takeAll(body: ApiResponse['body']): Promise<void> {
    const { clock } = this.#options
    const servedAt = clock.monotonic()
    try {
      for await (const event of watchEvents(body)) this.#take(event)
    } finally {
      if (clock.monotonic() - servedAt >= healthyWatchMs) this.#delay.reset()
    }
  }

  #take(event: WatchEvent): void {
    if (event.kind === 'bookmark') {
      this.#counters.bookmarks += 1
    } else {
      this.#counters.events += 1
      const record = this.#project(event.object)
      if (record !== undefined) this.#options.target.apply(event.kind, record)
    }
    this.#resourceVersion = event.resourceVersion
    this.#log.succeed('watch')
  }

  #project(object: unknown): T | undefined {
    const { project, log, resource } = this.#options
    try {
      return project(object)
    } catch (error) {
      this.#counters.errors += 1
      this.#counters.parseErrors += 1
      log.warn('Invalid object from the API server: ignored', { resource, error: describeError(error) })
      return undefined
    }
  }

  async #get(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiResponse> {
    const { client, resource, namespace, fieldSelector, labelSelector } = this.#options
    const selection = {
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(labelSelector !== undefined && { labelSelector }),
    }
    const scope = namespace === undefined ? '' : `namespaces/${namespace}/`
    return await client.get(`/api/v1/${scope}${resource}`, { ...selection, ...query }, signal)
  }

  #afterEnd(watch: Watch): ReflectorState {
    const lastedMs = this.#options.clock.monotonic() - watch.startedAt
    const isEmpty = this.#resourceVersion === watch.from
    if (isEmpty && lastedMs < shortWatchMs) {
      const error = new LoggyError('KUBE_WATCH_SHORT', 'a watch ended right after its start')
      return this.#retry('watch', { error, next: { kind: 'watching' } })
    }
    this.#log.succeed('watch')
    return isEmpty && lastedMs >= watch.timeoutMs ? this.#afterEmptyWatch(watch) : { kind: 'watching' }
  }

  /**
   * A real server, restored from a backup, answered a watch from a version newer than its own with 200 and then stayed silent for ever.
   * So if not even a bookmark came, the next request is a list.
   */
  #afterEmptyWatch(watch: Watch): ReflectorState {
    return this.#resourceVersion === watch.from ? { kind: 'listing', from: 'last-seen' } : { kind: 'watching' }
  }

  #afterFailure(error: LoggyError): ReflectorState {
    if (!(error instanceof ApiError)) return { kind: 'watching' }
    if (error.isExpired) return { kind: 'listing', from: 'last-seen' }
    if (error.isTooLarge) return { kind: 'listing', from: 'database' }
    // With permission to list but not to watch, lists keep the target current, one per backoff.
    return error.status.code === 403 ? { kind: 'listing', from: 'last-seen' } : { kind: 'watching' }
  }

  #retry(
    verb: 'list' | 'watch',
    { error, next }: { readonly error: unknown; readonly next: ReflectorState },
  ): ReflectorState {
    if (error instanceof ApiError && error.isExpired) {
      this.#counters.expired += 1
      return this.#wait(next)
    }
    this.#counters.errors += 1
    if (error instanceof LoggyError && error.code === 'KUBE_PARSE') this.#counters.parseErrors += 1
    this.#log.fail(verb, error)
    return this.#wait(next, error instanceof ApiError ? error.status.retryAfterMs : 0)
  }

  #wait(next: ReflectorState, retryAfterMs = 0): ReflectorState {
    return { kind: 'waiting', milliseconds: this.#delay.next(retryAfterMs), next }
  }
}

interface Watch {
  readonly startedAt: number
  readonly timeoutMs: number
  /** The resourceVersion that it started from. */
  readonly from: string
}
