import { closedError } from '../../src/lib/sink-error.ts'
import type { Answer, Request, Transport } from '../../src/model/sink.ts'
import type { VirtualClock } from './metadata-clock.ts'

/** What a fleet's backend saw in a second. */
export interface BackendSecond {
  requests: number
  bytes: number
  takenBytes: number
  refused: number
  timedOut: number
}

export interface BackendOptions {
  /** What it takes in a second. */
  readonly bytesPerSecond: number
  readonly requestsPerSecond: number
  /** How it is when it has too much to do: it says so, with or without a time, or takes all and answers too late. */
  readonly overload: 'says 429' | 'says 503, Retry-After 30' | 'answers late'
}

/** Milliseconds: the way to the backend and back; a request's time, as the agent's default has it; what the backend queues before it refuses. */
const WAY_MS = 20
const TIMEOUT_MS = 30_000
const QUEUE_MS = 2000
/** A request that is refused is read, unpacked in part, and answered. */
const REFUSAL_COST = 0.2

const NOTHING = new Uint8Array()

/** The backend of a fleet, in virtual time: it works off requests one after the other, at a fixed rate. */
export class FleetBackend {
  isUp = true
  readonly #clock: VirtualClock
  readonly #options: BackendOptions
  readonly #seconds: BackendSecond[] = []
  /** When all that it has taken is done. */
  #busyUntilMs = 0

  constructor(clock: VirtualClock, options: BackendOptions) {
    this.#clock = clock
    this.#options = options
  }

  get capacity(): number {
    return this.#options.bytesPerSecond
  }

  transport(maxInFlight: number): Transport {
    const send = (request: Request, signal: AbortSignal) => this.#send(request, signal)
    return {
      name: 'backend',
      maxInFlight,
      slots: maxInFlight,
      batchBytes: 1 << 20,
      send,
      close: () => Promise.resolve(),
    }
  }

  seconds(fromMs: number, toMs: number): readonly BackendSecond[] {
    const [from, to] = [Math.floor(fromMs / 1000), Math.floor(toMs / 1000)]
    return Array.from({ length: to - from }, (_, index) => this.#second((from + index) * 1000))
  }

  #second(atMs: number): BackendSecond {
    const index = Math.floor(atMs / 1000)
    this.#seconds[index] ??= { requests: 0, bytes: 0, takenBytes: 0, refused: 0, timedOut: 0 }
    return this.#seconds[index]
  }

  async #send({ body }: Request, signal: AbortSignal): Promise<Answer> {
    const nowMs = this.#clock.monotonic()
    const second = this.#second(nowMs)
    second.requests += 1
    second.bytes += body.length
    const answer = this.#answer(body.length, nowMs, second)
    await this.#clock.sleep(Math.max(WAY_MS, answer.atMs - nowMs), signal)
    if (signal.aborted) throw closedError()
    if (answer.kind.kind === 'status' && answer.kind.status === 200)
      this.#second(this.#clock.monotonic()).takenBytes += body.length
    return answer.kind
  }

  #answer(byteCount: number, nowMs: number, second: BackendSecond): { readonly kind: Answer; readonly atMs: number } {
    const { bytesPerSecond, requestsPerSecond, overload } = this.#options
    if (!this.isUp) {
      const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      return { kind: { kind: 'fault', error, isTimeout: false }, atMs: nowMs }
    }
    const costMs = (byteCount / bytesPerSecond + 1 / requestsPerSecond) * 1000
    const startMs = Math.max(this.#busyUntilMs, nowMs)
    if (overload !== 'answers late' && startMs - nowMs > QUEUE_MS) {
      second.refused += 1
      this.#busyUntilMs = startMs + costMs * REFUSAL_COST
      const isBusy = overload === 'says 429'
      const headers = isBusy ? {} : { 'retry-after': '30' }
      return { kind: { kind: 'status', status: isBusy ? 429 : 503, headers, body: NOTHING }, atMs: nowMs }
    }
    this.#busyUntilMs = startMs + costMs
    if (this.#busyUntilMs - nowMs <= TIMEOUT_MS)
      return { kind: { kind: 'status', status: 200, headers: {}, body: NOTHING }, atMs: this.#busyUntilMs }
    // It does the work for nobody: the agent has gone.
    second.timedOut += 1
    const error = Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })
    return { kind: { kind: 'fault', error, isTimeout: true }, atMs: nowMs + TIMEOUT_MS }
  }
}
