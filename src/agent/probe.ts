import { hostname } from 'node:os'
import type { Config } from '../config/schema.ts'
import { Cut } from '../delivery/cut.ts'
import type { Settled } from '../delivery/outcome.ts'
import { Requests } from '../delivery/requests.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'
import { untilAborted } from '../lib/until-aborted.ts'
import type { Log } from '../model/log.ts'
import { createSink } from './create-sink.ts'
import { probeBatch } from './probe-entry.ts'

export interface ProbeParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
  /** Ends it early. */
  readonly signal: AbortSignal
}

/** What became of a probe. */
export interface ProbeResult {
  readonly isAccepted: boolean
  /** For people, in one line, without secrets. */
  readonly text: string
}

/** Milliseconds for a pipe or a file, and for what a destination says after its first answer. */
const WAIT_MS = 10_000

/** Sends one marked entry to the sink, once, and says what came back. Never takes longer than a request may, and ten seconds. */
export async function probeSink(config: Config, parts: ProbeParts): Promise<ProbeResult> {
  const { clock, signal } = parts
  const over = new AbortController()
  const limitMs = ('timeout' in config.sink ? config.sink.timeout : 0) + WAIT_MS
  const onTime = clock.sleep(limitMs, over.signal)
  void onTime.then(() => over.abort(new SinkError('PROBE_TIMEOUT', `no answer within ${limitMs} ms`)))
  try {
    return await send(config, { ...parts, signal: AbortSignal.any([signal, over.signal]) })
  } catch (error) {
    return { isAccepted: false, text: `sink ${config.sink.type}: failed: ${oneLine(describeError(error))}` }
  } finally {
    over.abort()
  }
}

async function send(config: Config, { env, clock, log, signal }: ProbeParts): Promise<ProbeResult> {
  const sink = await createSink(config.sink, { env, clock, log, stateDirectory: config.state.directory })
  const origin = { namespace: env.POD_NAMESPACE || 'loggy', pod: env.POD_NAME || hostname() }
  const batch = probeBatch(config, sink.format, { ...origin, time: new Date(clock.now()) })
  const requests = new Requests({ ...sink, clock })
  const sentMs = clock.monotonic()
  const cut = Cut.whole(batch)
  const { request } = await requests.pack(cut, batch.partition)
  // A transport that cannot end a write at once must not hold up the caller.
  const answered = await untilAborted(Promise.resolve(requests.send(request, cut, signal)), signal)
  const outcome = answered.kind === 'ask' ? await requests.receipts(answered, cut.entryCount, signal) : answered
  void sink.transport.close()
  const { isAccepted, words } = readOutcome(outcome)
  const took = `${Math.round(clock.monotonic() - sentMs)} ms`
  return { isAccepted, text: `sink ${sink.name}, ${sink.transport.name}: ${oneLine(words)} (${took})` }
}

function readOutcome(outcome: Settled): { readonly isAccepted: boolean; readonly words: string } {
  switch (outcome.kind) {
    case 'accepted':
      return { isAccepted: true, words: 'accepted' }
    case 'partly':
      if (outcome.rejectedCount > 0) return rejected(outcome.reason)
      return { isAccepted: true, words: `accepted, with a warning: ${outcome.reason}` }
    case 'receipts': {
      const [receipt] = outcome.receipts
      if (receipt === undefined) return { isAccepted: true, words: 'accepted' }
      if (receipt.kind !== 'retry') return rejected(receipt.reason)
      return readOutcome({ cause: 'destination', ...receipt, afterMs: outcome.afterMs })
    }
    case 'refused':
    case 'too-large':
      return rejected(outcome.reason)
    case 'retry':
      return { isAccepted: false, words: `${WORDS[outcome.cause]}: ${outcome.reason}` }
  }
}

/** The agent would send it again, and so lose nothing. */
const WORDS = {
  'set-up': 'not accepted until the configuration is fixed, here or at the destination',
  destination: 'not accepted now; a retry may help',
  timeout: 'no answer in time',
} as const

function rejected(reason: string) {
  return { isAccepted: false, words: `rejected: ${reason}` }
}

function oneLine(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').trim()
}
