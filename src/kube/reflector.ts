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

/** Where a reflector puts what it sees. */
export interface ReflectorTarget<T> {
  /** The whole truth: what is not in it does not exist. */
  replace(records: readonly T[]): void
  apply(change: 'upsert' | 'delete', record: T): void
}

/** What a reflector follows, how, and where to. */
export interface ReflectorOptions<T> {
  readonly client: ApiReader
  readonly resource: 'pods' | 'namespaces' | 'nodes'
  /** Such as `spec.nodeName=node-1`; undefined for all. */
  readonly fieldSelector: string | undefined
  /** Without it, those of all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  /** Trims an object to what is stored; throws for one that makes no sense, which is then counted and left out. */
  readonly project: (object: unknown) => T
  readonly target: ReflectorTarget<T>
  readonly log: Log
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
}

/**
 * What a reflector does next. A list comes from the server's cache, or is at least as new as what was seen last, or, when the server
 * cannot give that, from its database.
 */
export type ReflectorState =
  | { readonly kind: 'listing'; readonly from: 'cache' | 'last-seen' | 'database' }
  | { readonly kind: 'watching' }
  | { readonly kind: 'waiting'; readonly milliseconds: number; readonly next: ReflectorState }
  | { readonly kind: 'stopped' }

/** Since the start. `errors` holds every failure but expiry; `parseErrors` those of them that were nonsense in a 200. */
export interface ReflectorCounters {
  lists: number
  watches: number
  events: number
  bookmarks: number
  expired: number
  errors: number
  parseErrors: number
}

/** How a reflector stands. */
export interface ReflectorStatus {
  readonly resource: string
  readonly state: ReflectorState['kind']
  /** Whether the target has been whole once. */
  readonly hasListed: boolean
  readonly counters: Readonly<ReflectorCounters>
}

/** Seconds. A watch is asked for so long and up to twice that, so that the node agents of a cluster do not reconnect together; client-go does so. */
const watchSeconds = 300
/** Milliseconds past its time at which a watch is taken for dead. */
const watchSlackMs = 30_000
/** Milliseconds. The server's own limit of a request that is no watch is 60 s. */
const listTimeoutMs = 60_000
/** Milliseconds. A watch that ends sooner was not served properly. */
const shortWatchMs = 1000
/**
 * Milliseconds. A watch that was served so long shows that the server is well, however it ended: the next wait is short again. Load
 * balancers cut what was quiet for 30 to 60 s, and were each such cut one failure more, the agent would soon be blind for half a minute
 * after each.
 */
const healthyWatchMs = 10_000

/** Keeps a target equal to what the API server has: one list, then watches, for ever; every failure is met with another try. */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>
  readonly #delay: RetryDelay
  readonly #log: ReflectorLog
  readonly #listed = Promise.withResolvers<void>()
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
  /** Up to where the target holds everything: where the next watch continues. */
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

  /** Resolves when the target is whole for the first time; stays pending if that never happens. */
  get listed(): Promise<void> {
    return this.#listed.promise
  }

  /** Follows until the signal aborts, then resolves. Never rejects. */
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
      deadline.clear()
    }
  }

  #replace(list: ObjectList<T>): void {
    if (isOlder(list.resourceVersion, this.#resourceVersion)) {
      const fields = { resource: this.#options.resource, from: this.#resourceVersion, to: list.resourceVersion }
      this.#options.log.warn('The API server went back in time; using its current state', fields)
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
          error: new LoggyError('KUBE_WATCH_SILENT', 'a watch did not end after its time'),
          next: this.#afterSilence(watch),
        })
      if (error instanceof LoggyError) return this.#retry('watch', { error, next: this.#afterFailure(error) })
      // A connection cut between or within events: restarts of the server and of load balancers look so.
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
    const isMute = this.#resourceVersion === watch.from
    if (isMute && lastedMs < shortWatchMs) {
      const error = new LoggyError('KUBE_WATCH_SHORT', 'a watch ended as soon as it began')
      return this.#retry('watch', { error, next: { kind: 'watching' } })
    }
    this.#log.succeed('watch')
    return isMute && lastedMs >= watch.timeoutMs ? this.#afterSilence(watch) : { kind: 'watching' }
  }

  /**
   * A watch from a version newer than the server's (restored from a backup) is answered 200 and stays silent for ever, seen on a real
   * one. So where not even a bookmark came, a list asks.
   */
  #afterSilence(watch: Watch): ReflectorState {
    return this.#resourceVersion === watch.from ? { kind: 'listing', from: 'last-seen' } : { kind: 'watching' }
  }

  #afterFailure(error: LoggyError): ReflectorState {
    if (!(error instanceof ApiError)) return { kind: 'watching' }
    if (error.isExpired) return { kind: 'listing', from: 'last-seen' }
    if (error.isTooLarge) return { kind: 'listing', from: 'database' }
    // Who may list but not watch is kept up to date by lists, a backoff apart.
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
  /** The resourceVersion it started from. */
  readonly from: string
}
