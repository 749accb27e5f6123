import type { Outcome, Receipt, Refusal } from '../model/sink.ts'
import type { Cut } from './cut.ts'
import type { Ending } from './send-window.ts'

/** An outcome that says what became of each entry, or to send again. */
export type Settled = Exclude<Outcome, { kind: 'ask' }>

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
  if (outcome.kind === 'receipts') return outcome.receipts.some((receipt) => !isRejected(receipt)) ? 'failed' : 'taken'
  if (outcome.kind !== 'retry') return 'taken'
  return outcome.cause === 'timeout' ? 'timeout' : 'failed'
}

export function isRejected({ kind }: Receipt): boolean {
  return kind === 'rejected'
}

/** `HTTP 503`, `ECONNREFUSED` … */
export function describe({ status }: Pick<Refusal, 'status'>): string {
  return typeof status === 'number' ? `HTTP ${status}` : status
}
