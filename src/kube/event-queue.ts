import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { describeError, LoggyError } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { InvalidHint } from '../select/hint.ts'
import { ApiError } from './api-error.ts'
import type { KubeClient } from './client.ts'
import { Deadline } from './deadline.ts'
import { type EventObject, hintEvent } from './hint-event.ts'
import { RetryDelay } from './retry-delay.ts'

/** Events that wait, about 1 KB each; beyond, the oldest is dropped. A node has some hundred pods, of which few say something wrong. */
const MAXIMUM_WAITING = 200
/** Milliseconds between two events at least, and half of what it is at most: an agent makes two a second, however many pods there are. */
const GAP_MS = 500
/** Answers that one event may be refused with for a time. Source: `maxTriesPerEvent` of client-go's event broadcaster. */
const MAXIMUM_TRIES = 12
/** Milliseconds for which a namespace that refuses is left alone. */
const REFUSED_MS = 600_000
/** Namespaces that are remembered for it; more than a node has pods. */
const MAXIMUM_REFUSED = 1000
/** Milliseconds between two looks at whether that is over. */
const REST_MS = 60_000
/** Milliseconds from the request to the end of the answer. */
const TIMEOUT_MS = 30_000

export interface EventQueueParts {
  readonly client: Pick<KubeClient, 'create'>
  /** Name of the node that the agent speaks for. */
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
}

interface Waiting {
  readonly event: EventObject
  tries: number
}

/**
 * What became of a try. `refused`: the right is missing, or a quota is used up. `away`: nobody answered, so the event is not to blame.
 */
type Outcome = 'sent' | 'refused' | 'hopeless' | 'failed' | 'away'

/** Events on their way to the API server: one after the other, slowly, and never in the way of anything. They may be lost. */
export class EventQueue {
  readonly #parts: EventQueueParts
  readonly #random: () => number
  readonly #delay: RetryDelay
  readonly #waiting: Waiting[] = []
  readonly #refusing: LRUCache<string, true>
  #resting = new AbortController()
  #isRefusalTold = false
  readonly #failures: Trouble
  /** `eventsSent`: those that were there already included. `eventsFailed`: given up, or dropped for want of room. */
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

  /** Tells the owner of the pod, sooner or later, of an annotation that is ignored. */
  tell(pod: PodRecord, hint: InvalidHint): void {
    const { node, clock } = this.#parts
    this.#enqueue({ event: hintEvent(pod, hint, { node, nowMs: clock.now() }), tries: 0 })
  }

  /** Sends until the signal aborts; never rejects. What waits then is left to the next run of the agent, which finds it again. */
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

  /** The oldest whose namespace does not refuse. */
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
    } else if (outcome === 'refused') this.#leaveAlone(waiting, error)
    else if (outcome === 'hopeless') this.#giveUp(event, error)
    else await this.#retry(waiting, { error, outcome, signal })
  }

  /** Later the right may be there. */
  #leaveAlone(waiting: Waiting, error: unknown): void {
    this.counters.eventsForbidden += 1
    this.#refusing.set(waiting.event.metadata.namespace, true)
    this.#enqueue(waiting)
    if (this.#isRefusalTold) return
    this.#isRefusalTold = true
    this.#parts.log.info('may not create events, so owners of pods are not notified of invalid annotations', {
      hint: 'kubectl apply -k rbac/events',
      error: describeError(error),
    })
  }

  async #retry(
    waiting: Waiting,
    { error, outcome, signal }: { error: unknown; outcome: Outcome; signal: AbortSignal },
  ): Promise<void> {
    if (outcome !== 'away') waiting.tries += 1
    if (waiting.tries >= MAXIMUM_TRIES) this.#giveUp(waiting.event, error)
    else this.#enqueue(waiting)
    const retryAfterMs = error instanceof ApiError ? (error.status.retryAfterMs ?? 0) : 0
    await this.#parts.clock.sleep(this.#delay.next(retryAfterMs), signal)
  }

  #giveUp({ involvedObject: { namespace, name } }: EventObject, error: unknown): void {
    this.counters.eventsFailed += 1
    // A pod that went with its namespace has no owner to tell.
    if (isGone(error) || !this.#failures.note('given up')) return
    this.#parts.log.warn('cannot create an event on a pod', { namespace, pod: name, error: describeError(error) })
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return 'sent'
  if (!(error instanceof ApiError)) return error instanceof LoggyError ? 'away' : 'failed'
  const { code } = error.status
  if (code === 409) return 'sent' // AlreadyExists: an earlier run, or a try whose answer was lost
  if (isGone(error)) return 'hopeless'
  if (code === 403) return 'refused'
  return code === 401 || code === 408 || code === 429 || code >= 500 ? 'failed' : 'hopeless'
}

/** A namespace that is being deleted answers 403 too, and one that was 404. Source: recorded from Kubernetes 1.20. */
function isGone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  const { code, causes } = error.status
  return code === 404 || (code === 403 && causes.includes('NamespaceTerminating'))
}
