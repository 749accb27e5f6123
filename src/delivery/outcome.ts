import type { Ask, Outcome, Receipt, Refusal, Retry } from '../model/sink.ts'
import type { Cut } from './cut.ts'
import type { Ending } from './send-window.ts'

/** HTTP's status of a destination, or of an entry in an answer, for which there are too many requests. */
const TOO_MANY = 429

/** An outcome that says what became of each entry, or to send again. */
export type Settled = Exclude<Outcome, Ask>

export type Partly = Extract<Outcome, { kind: 'partly' }>

/** How one request ended, as a label of metrics. `partial`: some entries are accepted. */
export type RequestOutcome = 'accepted' | 'partial' | 'refused' | 'retry' | 'timeout'

/** Whether entries of the request are in the destination. */
export function hasAccepted(outcome: Outcome, { entryCount }: Cut): boolean {
  return (
    outcome.kind === 'accepted' ||
    outcome.kind === 'partly' ||
    (outcome.kind === 'receipts' && outcome.receipts.length < entryCount)
  )
}

/** How many entries of a request of so many the destination has accepted. */
export function acceptedOf(outcome: Settled, entryCount: number): number {
  if (outcome.kind === 'accepted') return entryCount
  if (outcome.kind === 'partly') return Math.max(0, entryCount - outcome.rejectedCount)
  return outcome.kind === 'receipts' ? entryCount - outcome.receipts.length : 0
}

/** A request whose receipts come later is accepted. */
export function requestOutcomeOf(outcome: Outcome): RequestOutcome {
  switch (outcome.kind) {
    case 'accepted':
    case 'ask':
      return 'accepted'
    case 'partly':
      return outcome.rejectedCount > 0 ? 'partial' : 'accepted'
    case 'receipts':
      return outcome.receipts.length > 0 ? 'partial' : 'accepted'
    case 'too-large':
    case 'refused':
      return 'refused'
    case 'retry':
      return outcome.cause === 'timeout' ? 'timeout' : 'retry'
  }
}

export function endingOf(outcome: Outcome): Ending {
  if (outcome.kind === 'receipts') return endingOfAll(outcome.receipts)
  if (outcome.kind !== 'retry') return 'taken'
  // One that says when to come again has too much to do, whatever its status.
  if (outcome.status === TOO_MANY || outcome.afterMs > 0) return 'busy'
  return outcome.cause === 'timeout' ? 'timeout' : 'failed'
}

/** Milliseconds that the destination asked for, before anything is sent again. */
export function afterOf(outcome: Outcome): number {
  return outcome.kind === 'retry' ? outcome.afterMs : 0
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
