import type { Ask, Outcome, Receipt, Refusal, Retry } from '../model/sink.ts'
import type { Cut } from './cut.ts'
import type { Ending } from './send-window.ts'

/** HTTP's status of a destination, or of an entry in an answer, for which there are too many requests. */
const TOO_MANY = 429

/** An outcome that says what became of each entry, or to send again. */
export type Settled = Exclude<Outcome, Ask>

export type Partly = Extract<Outcome, { kind: 'partly' }>

/** Whether entries of the request are in the destination. */
export function hasAccepted(outcome: Outcome, { entryCount }: Cut): boolean {
  return (
    outcome.kind === 'accepted' ||
    outcome.kind === 'partly' ||
    (outcome.kind === 'receipts' && outcome.receipts.length < entryCount)
  )
}

/** `outcome` is undefined if there was none. */
export function endingOf(outcome: Outcome | undefined): Ending {
  if (outcome === undefined) return 'failed'
  if (outcome.kind === 'receipts') return endingOfAll(outcome.receipts)
  if (outcome.kind !== 'retry') return 'taken'
  if (outcome.status === TOO_MANY) return 'busy'
  return outcome.cause === 'timeout' ? 'timeout' : 'failed'
}

function endingOfAll(receipts: readonly Receipt[]): Ending {
  if (receipts.some(({ status }) => status === TOO_MANY)) return 'busy'
  return receipts.some(isRetried) ? 'failed' : 'taken'
}

export function isRejected({ kind }: Receipt): boolean {
  return kind === 'rejected'
}

export function isUntold({ kind }: Receipt): boolean {
  return kind === 'untold'
}

function isRetried({ kind }: Receipt): boolean {
  return kind === 'retry'
}

/** `error` if a person must act. */
export function levelOf({ cause }: Retry): 'warn' | 'error' {
  return cause === 'set-up' ? 'error' : 'warn'
}

/** `HTTP 503`, `ECONNREFUSED` … */
export function describe({ status }: Pick<Refusal, 'status'>): string {
  return typeof status === 'number' ? `HTTP ${status}` : status
}
