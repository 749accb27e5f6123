import { createParser } from 'eventsource-parser'
import { TAIL_PREFERENCE, type TailSelection } from '../model/tail-selection.ts'
import { type Filter, queryOf } from './filter.ts'
import { nextTask } from './next-task.ts'

/** The state of a tail's connection. */
export type ConnectionState =
  | { readonly kind: 'connecting' | 'open' }
  /** The agent refuses the filter; a retry would not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string; readonly retryMs: number }

/** Receives the events of a tail. */
export interface TailListener {
  /** An entry's JSON. */
  entry(json: string): void
  /** The agent dropped so many entries. */
  dropped(entries: number): void
  /** What the agent does with the containers that match now. */
  selection(selection: TailSelection): void
  state(state: ConnectionState): void
}

/** The listener of a tail, and the signal that ends it. */
export interface Following extends TailListener {
  readonly signal: AbortSignal
}

/** Milliseconds without data until the connection is considered dead. The agent sends a heartbeat every 15 s. */
const IDLE_MS = 45_000
/** Milliseconds until the next try: the first wait, and the longest; doubled each time. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [1000, 15_000]

/** Reads `/api/tail` until the signal aborts or the filter is refused; reconnects if the connection is lost. */
export async function followTail(filter: Filter, { signal, ...listener }: Following): Promise<void> {
  let retryMs = FIRST_RETRY_MS
  while (!signal.aborted) {
    listener.state({ kind: 'connecting' })
    const ending = await readOnce(filter, {
      ...listener,
      signal,
      state: (state) => {
        if (state.kind === 'open') retryMs = FIRST_RETRY_MS
        listener.state(state)
      },
    })
    if (signal.aborted) return
    if (ending.isFinal) return listener.state({ kind: 'refused', reason: ending.reason })
    listener.state({ kind: 'lost', reason: ending.reason, retryMs })
    await pause(retryMs, signal)
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
  }
}

interface Ending {
  readonly isFinal: boolean
  readonly reason: string
}

async function readOnce(filter: Filter, { signal, ...listener }: Following): Promise<Ending> {
  const timeout = new IdleTimeout()
  try {
    const response = await fetch(`/api/tail${queryOf(filter)}`, {
      headers: { prefer: TAIL_PREFERENCE },
      signal: AbortSignal.any([signal, timeout.signal]),
    })
    if (!response.ok) return { isFinal: response.status === 400, reason: await refusalIn(response) }
    if (response.body === null) return { isFinal: false, reason: 'the agent sent nothing' }
    listener.state({ kind: 'open' })
    await read(response.body, listener, timeout)
    return { isFinal: false, reason: 'the agent closed the connection' }
  } catch (error) {
    if (timeout.signal.aborted) return { isFinal: false, reason: 'no data from the agent' }
    // fetch and its body reject with a TypeError for network faults, and with an AbortError when aborted.
    if (error instanceof TypeError || signal.aborted) return { isFinal: false, reason: 'the agent cannot be reached' }
    throw error
  } finally {
    timeout.stop()
  }
}

async function read(body: ReadableStream<Uint8Array>, listener: TailListener, timeout: IdleTimeout): Promise<void> {
  const decoder = new TextDecoder()
  // `EventSource` would create a task for each event, and does not show why a request was refused.
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => {
      if (event === 'message') listener.entry(data)
      else if (event === 'dropped') listener.dropped(Number(JSON.parse(data).entries))
      else if (event === 'selection') listener.selection(JSON.parse(data))
    },
  })
  const reader = body.getReader()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    timeout.restart()
    parser.feed(decoder.decode(value, { stream: true }))
    // Without this, all chunks that have already arrived would be handled in one task.
    await nextTask()
  }
}

/** The agent's error is in JSON; that of a proxy in between may not be. */
async function refusalIn(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const { error }: { error?: unknown } = JSON.parse(text)
    if (typeof error === 'string') return error
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return `the answer was ${response.status} ${response.statusText}`
}

/** Aborts when no data has arrived for too long. */
class IdleTimeout {
  readonly #controller = new AbortController()
  readonly #timer = setInterval(() => this.#check(), IDLE_MS / 3)
  #receivedMs = performance.now()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  restart(): void {
    this.#receivedMs = performance.now()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #check(): void {
    if (performance.now() - this.#receivedMs > IDLE_MS) this.#controller.abort()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
