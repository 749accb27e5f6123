import { describeError, LoggyError } from '../lib/errors.ts'
import { parseError } from './answer.ts'
import { ApiError } from './api-error.ts'
import type { ApiResponse } from './client.ts'
import { Deadline } from './deadline.ts'
import { readList } from './list.ts'
import { ReflectorLog } from './reflector-log.ts'
import type { ReflectorOptions } from './reflector-options.ts'
import { type ListFrom, noCounters, type ReflectorState, type ReflectorStatus } from './reflector-status.ts'
import { isOlder } from './resource-version.ts'
import { type Failure, RetryDelay } from './retry-delay.ts'
import { StreamedList } from './streamed-list.ts'
import { type WatchEvent, watchEvents } from './watch.ts'

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
  readonly #counters = noCounters()
  #state: ReflectorState = { kind: 'listing', from: 'cache' }
  #hasListed = false
  #streamsList: boolean
  /** The version has expired, and nothing has been heard of a watch since. */
  #hasExpired = false
  /** The target is complete up to this version; the next watch continues here. */
  #resourceVersion = '0'

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#streamsList = options.streamsList === true
    this.#delay = new RetryDelay(options.random)
    this.#log = new ReflectorLog(options.resource, options)
  }

  get state(): ReflectorState {
    return this.#state
  }

  get counters(): ReflectorStatus['counters'] {
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
        return this.#streamsList ? await this.#watch(signal, state.from) : await this.#list(state.from, signal)
      case 'watching':
        return await this.#watch(signal)
      case 'waiting':
        await this.#options.clock.sleep(state.milliseconds, signal)
        return state.next
      case 'stopped':
        return state
    }
  }

  async #list(from: ListFrom, signal: AbortSignal): Promise<ReflectorState> {
    const deadline = new Deadline(this.#options.clock, { milliseconds: listTimeoutMs, signal })
    this.#counters.lists += 1
    try {
      const { body } = await this.#get(this.#versionOf(from), deadline.signal)
      const { items, resourceVersion } = await readList(body, (object) => this.#project(object))
      if (resourceVersion === undefined) throw parseError('a list without a resourceVersion')
      this.#replace(items, resourceVersion)
      this.#log.succeed('list')
      return { kind: 'watching' }
    } catch (error) {
      return signal.aborted ? { kind: 'stopped' } : this.#listAgain(from, error)
    } finally {
      deadline.clear()
    }
  }

  #versionOf(from: ListFrom): Readonly<Record<string, string>> {
    if (from === 'database') return {}
    return { resourceVersion: from === 'cache' ? '0' : this.#resourceVersion }
  }

  #listAgain(from: ListFrom, error: unknown): ReflectorState {
    this.#tried.resolve()
    const cannotGive = error instanceof ApiError && (error.isExpired || error.isTooLarge)
    return this.#retry('list', { error, next: { kind: 'listing', from: cannotGive ? 'database' : from } })
  }

  #replace(items: readonly T[], resourceVersion: string): void {
    if (isOlder(resourceVersion, this.#resourceVersion)) {
      const fields = { resource: this.#options.resource, from: this.#resourceVersion, to: resourceVersion }
      this.#options.log.warn('The API server went back to an older state, such as a restored backup; using it', fields)
    }
    this.#options.target.replace(items)
    this.#resourceVersion = resourceVersion
    this.#hasListed = true
    this.#listed.resolve()
    this.#tried.resolve()
  }

  /** `from`: the stream begins with all objects. */
  async #watch(signal: AbortSignal, from?: ListFrom): Promise<ReflectorState> {
    const { clock, random } = this.#options
    const timeoutSeconds = Math.round(watchSeconds * (1 + random()))
    const timeoutMs = timeoutSeconds * 1000
    const milliseconds = from === undefined ? timeoutMs + watchSlackMs : listTimeoutMs
    const deadline = new Deadline(clock, { milliseconds, signal })
    const watch: Watch<T> = {
      startedAt: clock.monotonic(),
      timeoutMs,
      from: this.#resourceVersion,
      deadline,
      list: from && new StreamedList((object) => this.#project(object)),
    }
    this.#counters.watches += 1
    if (from !== undefined) this.#counters.lists += 1
    const start =
      from === undefined
        ? { resourceVersion: watch.from }
        : { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', ...this.#versionOf(from) }
    const query = { watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: `${timeoutSeconds}`, ...start }
    try {
      const { body } = await this.#get(query, deadline.signal)
      await this.#takeAll(body, watch)
      if (watch.list !== undefined)
        throw new LoggyError('KUBE_LIST_SHORT', 'a streaming list ended before all had come')
      return this.#afterEnd(watch)
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' }
      if (from !== undefined && watch.list !== undefined) return this.#afterFailedStream(from, { error, deadline })
      if (deadline.hasPassed)
        return this.#retry('watch', {
          error: new LoggyError('KUBE_WATCH_SILENT', 'a watch did not end in time'),
          next: this.#afterEmptyWatch(watch),
        })
      if (error instanceof LoggyError) return this.#retry('watch', { error, next: this.#afterFailure(error) })
      // A connection that breaks between or within events: restarts of the server and of load balancers look like this.
      const next = this.#afterEnd(watch)
      return next.kind === 'waiting' ? next : this.#wait(next, 'unreachable')
    } finally {
      deadline.clear()
    }
  }

  async #takeAll(body: ApiResponse['body'], watch: Watch<T>): Promise<void> {
    const { clock } = this.#options
    const servedAt = clock.monotonic()
    try {
      for await (const event of watchEvents(body)) {
        if (watch.list === undefined) this.#take(event)
        else this.#collect(event, watch, watch.list)
      }
    } finally {
      if (clock.monotonic() - servedAt >= healthyWatchMs) {
        this.#delay.reset()
        this.#hasExpired = false
      }
    }
  }

  #collect(event: WatchEvent, watch: Watch<T>, list: StreamedList<T>): void {
    if (event.kind === 'bookmark') this.#counters.bookmarks += 1
    const all = list.take(event)
    if (all === undefined) return
    watch.list = undefined
    watch.deadline.set(watch.timeoutMs + watchSlackMs)
    this.#replace(all, event.resourceVersion)
    this.#state = { kind: 'watching' }
    this.#heard()
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
    this.#heard()
  }

  #heard(): void {
    this.#hasExpired = false
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

  /** A server that cannot stream a list, or may not be watched, is asked for lists from now on. */
  #afterFailedStream(
    from: ListFrom,
    { error, deadline }: { readonly error: unknown; readonly deadline: Deadline },
  ): ReflectorState {
    const code = error instanceof ApiError ? error.status.code : undefined
    if (deadline.hasPassed || code === 400 || code === 403 || code === 422) this.#streamsList = false
    if (code === 400 || code === 422) return { kind: 'listing', from }
    if (code !== 403) return this.#listAgain(from, error)
    this.#counters.errors += 1
    this.#log.fail('watch', error)
    return { kind: 'listing', from }
  }

  #afterEnd(watch: Watch<T>): ReflectorState {
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
  #afterEmptyWatch(watch: Watch<T>): ReflectorState {
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
      // After a restart of the server all its clients get this answer, having waited before. A client that gets it twice waits again.
      const isNews = verb === 'watch' && !this.#hasExpired
      this.#hasExpired = true
      if (isNews) return { kind: 'waiting', milliseconds: this.#delay.expired(), next }
      return this.#wait(next, 'refused')
    }
    this.#counters.errors += 1
    const code = error instanceof LoggyError ? error.code : undefined
    if (code === 'KUBE_PARSE') this.#counters.parseErrors += 1
    this.#log.fail(verb, error)
    const retryAfterMs = error instanceof ApiError ? error.status.retryAfterMs : undefined
    return this.#wait(next, code === undefined || code === 'KUBE_UNREACHABLE' ? 'unreachable' : 'refused', retryAfterMs)
  }

  #wait(next: ReflectorState, failure: Failure, retryAfterMs?: number): ReflectorState {
    return { kind: 'waiting', milliseconds: this.#delay.next(failure, retryAfterMs), next }
  }
}

interface Watch<T> {
  readonly startedAt: number
  readonly timeoutMs: number
  /** The resourceVersion that it started from. */
  readonly from: string
  readonly deadline: Deadline
  /** Of a streaming list; undefined once it is complete, and in a plain watch. */
  list: StreamedList<T> | undefined
}
