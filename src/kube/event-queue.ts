import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { describeError, LoggyError } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { InvalidHint } from '../select/hint-rules.ts'
import { ApiError } from './api-error.ts'
import type { KubeClient } from './client.ts'
import { Deadline } from './deadline.ts'
import { type EventObject, hintEvent } from './hint-event.ts'
import { RetryDelay } from './retry-delay.ts'

/** Maximum number of waiting events, about 1 KB each. The oldest is dropped. Of some hundred pods, few have invalid annotations. */
const MAXIMUM_WAITING = 200
/** Milliseconds between two events: from this up to twice this. So an agent creates at most two per second, however many pods there are. */
const GAP_MS = 500
/** Maximum number of tries for one event. Source: `maxTriesPerEvent` of client-go's event broadcaster. */
const MAXIMUM_TRIES = 12
/** Milliseconds to skip a namespace after it refused an event. */
const REFUSED_MS = 600_000
/** Maximum number of such namespaces to remember; more than a node has pods. */
const MAXIMUM_REFUSED = 1000
/** Milliseconds between two checks whether that time is over. */
const REST_MS = 60_000
/** Milliseconds from the request to the end of the answer. */
const TIMEOUT_MS = 30_000

export interface EventQueueParts {
  readonly client: Pick<KubeClient, 'create'>
  /** Name of the agent's node. */
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
}

interface Waiting {
  readonly event: EventObject
  tries: number
}

/** The result of a try. `refused`: no permission, or a quota is exceeded. `away`: no answer, so the event is not at fault. */
type Outcome = 'sent' | 'refused' | 'hopeless' | 'failed' | 'away'

/** Sends events to the API server, one at a time and slowly, without delaying anything else. Events may be lost. */
export class EventQueue {
  readonly #parts: EventQueueParts
  readonly #random: () => number
  readonly #delay: RetryDelay
  readonly #waiting: Waiting[] = []
  readonly #refusing: LRUCache<string, true>
  #resting = new AbortController()
  #isRefusalLogged = false
  readonly #failures: Trouble
  /** `eventsSent` includes events that existed already. `eventsFailed`: failed too often, or dropped from a full queue. */
  readonly counters = { eventsSent: 0, eventsFailed: 0, eventsForbidden: 0 }

  constructor(parts: EventQueueParts) {
    this.#parts = parts
    this.#failures = new Trouble(parts.clock)
    this.#random = parts.random ?? Math.random
    this.#delay = new RetryDelay(this.#random)
    this.#refusing = new LRUCache({
      max: MAXIMUM_REFUSED,
      ttl: REFUSED_MS,
      ttlResolution: 0,
      perf: { now: () => parts.clock.monotonic() },
    })
  }

  /** Queues an event that reports an ignored annotation to the owner of the pod. */
  report(pod: PodRecord, hint: InvalidHint): void {
    const { node, clock } = this.#parts
    this.#enqueue({ event: hintEvent(pod, hint, { node, nowMs: clock.now() }), tries: 0 })
  }

  /** Sends until the signal aborts; never rejects. Events still waiting are lost; the agent's next run finds the annotations again. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    while (!signal.aborted) {
      const next = this.#take()
      if (next === undefined) {
        this.#resting = new AbortController()
        await clock.sleep(REST_MS, AbortSignal.any([signal, this.#resting.signal]))
        continue
      }
      await clock.sleep(GAP_MS * (1 + this.#random()), signal)
      if (!signal.aborted) await this.#send(next, signal)
    }
  }

  #enqueue(waiting: Waiting): void {
    if (this.#waiting.length >= MAXIMUM_WAITING) {
      this.#waiting.shift()
      this.counters.eventsFailed += 1
    }
    this.#waiting.push(waiting)
    this.#resting.abort()
  }

  /** The oldest event whose namespace does not refuse. */
  #take(): Waiting | undefined {
    const index = this.#waiting.findIndex(({ event }) => !this.#refusing.has(event.metadata.namespace))
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0]
  }

  async #send(waiting: Waiting, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#parts
    const { event } = waiting
    const deadline = new Deadline(clock, { milliseconds: TIMEOUT_MS, signal })
    const path = `/api/v1/namespaces/${encodeURIComponent(event.metadata.namespace)}/events`
    const error = await client.create(path, event, deadline.signal).then(
      () => undefined,
      (error: unknown) => error ?? 'no reason',
    )
    deadline.clear()
    if (signal.aborted) return
    const outcome = outcomeOf(error)
    if (outcome === 'sent') {
      this.counters.eventsSent += 1
      this.#failures.end()
      this.#delay.reset()
    } else if (outcome === 'refused') this.#postpone(waiting, error)
    else if (outcome === 'hopeless') this.#drop(event, error)
    else await this.#retry(waiting, { error, outcome, signal })
  }

  /** Keeps the event: the permission may be granted later. */
  #postpone(waiting: Waiting, error: unknown): void {
    this.counters.eventsForbidden += 1
    this.#refusing.set(waiting.event.metadata.namespace, true)
    this.#enqueue(waiting)
    if (this.#isRefusalLogged) return
    this.#isRefusalLogged = true
    this.#parts.log.info('no permission to create events: owners of pods are not notified of invalid annotations', {
      hint: 'kubectl apply -k rbac/events',
      error: describeError(error),
    })
  }

  async #retry(
    waiting: Waiting,
    { error, outcome, signal }: { error: unknown; outcome: Outcome; signal: AbortSignal },
  ): Promise<void> {
    if (outcome !== 'away') waiting.tries += 1
    if (waiting.tries >= MAXIMUM_TRIES) this.#drop(waiting.event, error)
    else this.#enqueue(waiting)
    const retryAfterMs = error instanceof ApiError ? error.status.retryAfterMs : undefined
    // Nobody waits for an event, so a server that is away has the long waits, too.
    await this.#parts.clock.sleep(this.#delay.next('refused', retryAfterMs), signal)
  }

  #drop({ involvedObject: { namespace, name } }: EventObject, error: unknown): void {
    this.counters.eventsFailed += 1
    // If the pod or its namespace is gone, there is no one to report to.
    if (isGone(error) || !this.#failures.note('dropped')) return
    this.#parts.log.warn('cannot create an event on a pod', { namespace, pod: name, error: describeError(error) })
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return 'sent'
  if (!(error instanceof ApiError)) return error instanceof LoggyError ? 'away' : 'failed'
  const { code } = error.status
  if (code === 409) return 'sent' // AlreadyExists: from an earlier run, or from a try whose answer was lost
  if (isGone(error)) return 'hopeless'
  if (code === 403) return 'refused'
  return code === 401 || code === 408 || code === 429 || code >= 500 ? 'failed' : 'hopeless'
}

/** A namespace that is being deleted answers 403, too, and one that is gone 404. Source: recorded from Kubernetes 1.20. */
function isGone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  const { code, causes } = error.status
  return code === 404 || (code === 403 && causes.includes('NamespaceTerminating'))
}
