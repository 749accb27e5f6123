import { createParser } from 'eventsource-parser'
import { type Filter, queryOf } from './filter.ts'
import { nextTask } from './next-task.ts'

/** How the connection of a tail stands. */
export type ConnectionState =
  | { readonly kind: 'connecting' | 'open' }
  /** The agent cannot read the filter; trying again would not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string; readonly retryMs: number }

/** What a tail tells of. */
export interface TailListener {
  /** An entry's JSON. */
  entry(json: string): void
  /** So many entries were left out by the agent. */
  dropped(entries: number): void
  state(state: ConnectionState): void
}

/** Whom a tail tells, and what ends it. */
export interface Following extends TailListener {
  readonly signal: AbortSignal
}

/** Milliseconds. The agent says something at least every 15 s. */
const SILENCE_MS = 45_000
/** Milliseconds until the next try: doubled from the first to the last. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [1000, 15_000]

/** Follows `/api/tail` until the signal aborts or the filter is refused, over lost connections. */
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
  const silence = new SilenceWatch()
  try {
    const response = await fetch(`/api/tail${queryOf(filter)}`, { signal: AbortSignal.any([signal, silence.signal]) })
    if (!response.ok) return { isFinal: response.status === 400, reason: await refusalIn(response) }
    if (response.body === null) return { isFinal: false, reason: 'the agent sent nothing' }
    listener.state({ kind: 'open' })
    await read(response.body, listener, silence)
    return { isFinal: false, reason: 'the agent closed the connection' }
  } catch (error) {
    if (silence.signal.aborted) return { isFinal: false, reason: 'the agent went silent' }
    // fetch and its body reject with a TypeError when the network fails, and with an AbortError when they are aborted.
    if (error instanceof TypeError || signal.aborted) return { isFinal: false, reason: 'the agent cannot be reached' }
    throw error
  } finally {
    silence.stop()
  }
}

async function read(body: ReadableStream<Uint8Array>, listener: TailListener, silence: SilenceWatch): Promise<void> {
  const decoder = new TextDecoder()
  // `EventSource` would do, but makes a task of each event, and hides why a request was refused.
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => {
      if (event === 'message') listener.entry(data)
      else if (event === 'dropped') listener.dropped(Number(JSON.parse(data).entries))
    },
  })
  const reader = body.getReader()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    silence.hear()
    parser.feed(decoder.decode(value, { stream: true }))
    // Pieces that wait already would follow each other within one task, however many they are.
    await nextTask()
  }
}

/** The agent says why in JSON; who stands between may not. */
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

/** Aborts when nothing was heard for too long. */
class SilenceWatch {
  readonly #controller = new AbortController()
  readonly #timer = setInterval(() => this.#look(), SILENCE_MS / 3)
  #heardMs = performance.now()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  hear(): void {
    this.#heardMs = performance.now()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (performance.now() - this.#heardMs > SILENCE_MS) this.#controller.abort()
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
