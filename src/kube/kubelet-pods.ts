import type { Clock } from '../lib/clock.ts'
import { LoggyError } from '../lib/errors.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { ApiError } from './api-error.ts'
import type { ApiReader } from './client.ts'
import { Deadline } from './deadline.ts'
import { KubeletLog } from './kubelet-log.ts'
import { readList } from './list.ts'
import { noCounters, type ReflectorStatus } from './reflector-status.ts'
import { RetryDelay } from './retry-delay.ts'

/**
 * Milliseconds between two questions if pods are known from the kubelet alone. New pods do not wait for it; it is for labels and annotations
 * that change, and for pods that end.
 */
const USUAL_MS = 10_000
/** Milliseconds, while the agent ends: its pods show within half a second whether the node shuts down. */
const LEAVING_MS = 200
/** Milliseconds to wait for the first of these: a node whose pods all end is busy. */
const HURRY_MS = 10_000
/** Milliseconds for the API server to report a new log's pod, before the kubelet is asked for it. A pod is reported 440 ms before its log is there. */
const PATIENCE_MS = 300
/** Milliseconds between two questions at least, and how many times as long as the last answer took: the kubelet has other things to do. */
const LEAST_MS = 200
const REST = 10
/** Milliseconds after an answer without a log's pod until the kubelet is asked again, as it may just have started; eight times as long each time. */
const AGAIN_MS = 1000
const MOST_TRIES = 4
/** Logs whose pods nobody knows: those that were left behind. */
const MOST_MISSED = 10_000
const TIMEOUT_MS = 30_000

export interface KubeletPodsOptions {
  readonly client: ApiReader
  /** `always`: the only source of pods. `unknown`: is asked only for logs whose pods the API server has not reported. */
  readonly asks: 'always' | 'unknown'
  /** Trims an object to what is stored; throws for an invalid one, which is counted and ignored. */
  readonly project: (object: unknown) => PodRecord
  /** Called with all pods of each answer. */
  readonly onPods: (pods: readonly PodRecord[]) => void
  /** Whether the pod of a log with this uid in its path is known. */
  readonly isKnown: (uid: string) => boolean
  readonly log: Log
  readonly clock: Clock
  /** A random number from 0 to 1. */
  readonly random: () => number
}

/** The node's pods as its kubelet has them. It has no watch: it is asked when a log appears whose pod is not known, and, if need be, every ten seconds. */
export class KubeletPods {
  readonly #options: KubeletPodsOptions
  readonly #delay: RetryDelay
  readonly #log: KubeletLog
  readonly #listed = Promise.withResolvers<void>()
  readonly #tried = Promise.withResolvers<void>()
  readonly #counters = noCounters()
  /** By uid: how many answers did not have the pod. */
  readonly #missed = new Map<string, number>()
  #state: ReflectorStatus['state'] = 'watching'
  #hasListed = false
  #isFailing = false
  #usualMs = USUAL_MS
  /** When to ask next, and not before, in monotonic milliseconds. */
  #dueMs = Number.POSITIVE_INFINITY
  #earliestMs = 0
  #wake = new AbortController()
  /** What waits for the next question's end. */
  #answered = Promise.withResolvers<void>()

  constructor(options: KubeletPodsOptions) {
    this.#options = options
    this.#delay = new RetryDelay(options.random)
    this.#log = new KubeletLog(options)
    if (options.asks === 'always') this.#dueMs = 0
  }

  get status(): ReflectorStatus {
    return { resource: 'kubelet', state: this.#state, hasListed: this.#hasListed, counters: this.#counters }
  }

  /** Whether it has answered, and the last question was no failure. */
  get isCurrent(): boolean {
    return this.#hasListed && !this.#isFailing
  }

  /** Resolves when the kubelet has answered; may stay pending for ever. */
  get listed(): Promise<void> {
    return this.#listed.promise
  }

  /** Resolves when the first question is over, in success or failure. */
  get tried(): Promise<void> {
    return this.#tried.promise
  }

  /** A log has this uid in its path, and its pod is not known. Call as often as it is looked up. */
  miss(uid: string): void {
    if (this.#missed.has(uid)) return
    if (this.#missed.size >= MOST_MISSED) this.#missed.clear()
    this.#missed.set(uid, 0)
    this.#askIn(this.#options.asks === 'always' ? 0 : PATIENCE_MS)
  }

  /** From now on asks often: the agent ends, and has to know which pods end with it. Resolves after the first answer, if one can be hoped for. */
  async hurry(): Promise<void> {
    if (this.#options.asks !== 'always' || this.#isFailing) return
    this.#usualMs = LEAVING_MS
    this.#earliestMs = Math.min(this.#earliestMs, this.#options.clock.monotonic() + LEAST_MS)
    this.#answered = Promise.withResolvers()
    this.#askIn(0)
    await Promise.race([this.#answered.promise, this.#options.clock.sleep(HURRY_MS)])
  }

  /** Runs until the signal aborts, then resolves. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      const waitMs = Math.max(this.#dueMs, this.#earliestMs) - clock.monotonic()
      if (waitMs <= 0) await this.#ask(signal)
      else await this.#rest(waitMs, signal)
    }
    this.#state = 'stopped'
  }

  /** Until then, or until somebody asks for an earlier question. */
  async #rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController()
    const either = AbortSignal.any([signal, this.#wake.signal])
    if (milliseconds !== Number.POSITIVE_INFINITY) return await this.#options.clock.sleep(milliseconds, either)
    await new Promise<void>((resolve) => {
      if (either.aborted) resolve()
      either.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #askIn(milliseconds: number): void {
    // After a failure the backoff decides.
    if (this.#state === 'waiting') return
    this.#dueMs = Math.min(this.#dueMs, this.#options.clock.monotonic() + milliseconds)
    this.#wake.abort() // also if it is not earlier: the rest may have become shorter
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { clock, client, asks } = this.#options
    this.#dueMs = Number.POSITIVE_INFINITY
    if (asks === 'unknown' && !this.#isNeeded) {
      this.#state = 'watching'
      return
    }
    const startMs = clock.monotonic()
    // Not what is waited for from now on: the answer may be of before that.
    const answered = this.#answered
    const deadline = new Deadline(clock, { milliseconds: TIMEOUT_MS, signal })
    this.#state = 'listing'
    this.#counters.lists += 1
    try {
      const { body } = await client.get('/pods', {}, deadline.signal)
      const { items } = await readList(body, (object) => this.#project(object))
      this.#take(items)
      // Not later than what was asked for meanwhile: the answer may be of before that.
      this.#dueMs = Math.min(this.#dueMs, this.#nextMs())
    } catch (error) {
      if (signal.aborted) return
      this.#fail(
        deadline.hasPassed ? new LoggyError('KUBELET_SILENT', 'no whole answer in time', { cause: error }) : error,
      )
    } finally {
      deadline.clear()
      this.#tried.resolve()
      answered.resolve()
      // An agent that ends has no time for a long rest, and ends within a minute.
      const rest = this.#usualMs === LEAVING_MS ? 1 : REST
      this.#earliestMs = clock.monotonic() + Math.max(LEAST_MS, rest * (clock.monotonic() - startMs))
    }
  }

  /** Whether there is still a log whose pod is not known. */
  get #isNeeded(): boolean {
    for (const uid of this.#missed.keys()) if (this.#options.isKnown(uid)) this.#missed.delete(uid)
    return [...this.#missed.values()].some((tries) => tries < MOST_TRIES)
  }

  #take(pods: readonly PodRecord[]): void {
    this.#hasListed = true
    this.#isFailing = false
    this.#state = 'watching'
    this.#options.onPods(pods)
    this.#listed.resolve()
    this.#log.succeed()
    this.#delay.reset()
    for (const [uid, tries] of this.#missed) {
      if (this.#options.isKnown(uid)) this.#missed.delete(uid)
      else this.#missed.set(uid, tries + 1)
    }
  }

  #nextMs(): number {
    const { clock, asks } = this.#options
    const nowMs = clock.monotonic()
    if (asks === 'always') return nowMs + this.#usualMs
    const tries = [...this.#missed.values()].filter((count) => count < MOST_TRIES)
    return tries.length === 0 ? Number.POSITIVE_INFINITY : nowMs + AGAIN_MS * 8 ** (Math.min(...tries) - 1)
  }

  #fail(error: unknown): void {
    const { clock } = this.#options
    this.#isFailing = true
    this.#counters.errors += 1
    if (error instanceof LoggyError && error.code === 'KUBE_PARSE') this.#counters.parseErrors += 1
    this.#log.fail(error)
    this.#state = 'waiting'
    const failure = error instanceof LoggyError && error.code === 'KUBE_UNREACHABLE' ? 'unreachable' : 'refused'
    const retryAfterMs = error instanceof ApiError ? error.status.retryAfterMs : undefined
    this.#dueMs = clock.monotonic() + this.#delay.next(failure, retryAfterMs)
  }

  #project(object: unknown): PodRecord | undefined {
    try {
      return this.#options.project(object)
    } catch (error) {
      this.#counters.errors += 1
      this.#counters.parseErrors += 1
      this.#log.invalid(error)
      return undefined
    }
  }
}
