import type { TroubleFault } from '../lib/trouble.ts'
import type { Program } from './program.ts'
import type { Resource } from './resource.ts'

/** What a sink is made of: a format and a transport. Delivery knows nothing else of a destination. */

/** One body on its way to a destination. */
export interface Request {
  readonly body: Uint8Array
  readonly contentType: string
  /** How the body is packed; empty when it is not. */
  readonly contentEncoding: string
  /** Whose entries it holds; see Batch. */
  readonly partition: string
  /** Bytes of the answer's body that are needed to understand it. 0: its status says all. */
  readonly answerBytes: number
}

/** What came of one request. */
export type Answer =
  /** A file or pipe has all of the bytes. */
  { readonly kind: 'taken' } | StatusAnswer | Fault

/** An answer with a status, as HTTP has it. */
export interface StatusAnswer {
  readonly kind: 'status'
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** At most `answerBytes` of it, or a little more for people. */
  readonly body: Uint8Array
}

/** What kept an answer from coming. */
export interface Fault {
  readonly kind: 'fault'
  readonly error: unknown
  /** The time was over: the link or the destination is slow. */
  readonly isTimeout: boolean
}

/** Takes requests to a destination. */
export interface Transport {
  /** For people; without anything secret. */
  readonly name: string
  /** Requests at a time. With 1 entries arrive in the order of their batches. */
  readonly maxInFlight: number
  /** Batches at a time. More than `maxInFlight`, one can be filled while another is sent. */
  readonly slots: number
  /** Sends one request, once. Rejects with the signal's reason, or with a SinkError when the destination is gone for good. */
  send(request: Request, signal: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

/** Entries of one container, in order; `head`: of its program. */
export interface Group {
  readonly head: Uint8Array
  readonly pieces: readonly Uint8Array[]
}

/** Turns records into entries, entries into requests, and answers into what they mean. */
export interface Format {
  /** What makes entries of a container's records. */
  compile(resource: Resource, options: { readonly hasIds: boolean }): Program
  readonly contentType: string
  readonly limits: Limits
  /** As in Request. */
  readonly answerBytes: number
  /** The body of a request. Neighbours with the same head are one group; where all heads are empty there is one. */
  frame(groups: readonly Group[]): readonly Uint8Array[]
  /** What the answer to a request of so many entries means. `nowMs`: the time of day. */
  read(answer: StatusAnswer, entryCount: number, nowMs: number): Outcome
  /** The entry as one JSON object in schema `loggy`, without a newline: what a dead letter holds. */
  record(entry: Uint8Array, head: Uint8Array): Uint8Array
}

/** What a destination takes at the most; Infinity where it says nothing. */
export interface Limits {
  /** Bytes of the entries of one request, before they are packed. */
  readonly requestBytes: number
  /** Bytes of its body as it is sent. */
  readonly packedBytes: number
  readonly requestEntries: number
  /** Bytes of one entry. */
  readonly entryBytes: number
}

export const unlimited: Limits = {
  requestBytes: Infinity,
  packedBytes: Infinity,
  requestEntries: Infinity,
  entryBytes: Infinity,
}

/** What an answer means for the entries of its request. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** What is not listed is accepted. */
  | { readonly kind: 'receipts'; readonly receipts: readonly Receipt[]; readonly afterMs: number }
  /** The same entries in smaller requests may be taken. */
  | (Refusal & { readonly kind: 'too-large' })
  /** Something in it is refused, and the answer does not say what. */
  | (Refusal & { readonly kind: 'refused' })
  | Retry
  /** The receipts come later: that request's answer is read by `read`. */
  | {
      readonly kind: 'ask'
      readonly request: Request
      readonly afterMs: number
      read(answer: StatusAnswer, nowMs: number): Outcome
    }

/** What became of one entry. `place`: in its request. */
export type Receipt = Refusal & { readonly kind: 'retry' | 'rejected'; readonly place: number }

/** Why something was not taken. */
export interface Refusal {
  /** An HTTP status, or a code such as `ECONNREFUSED`; stays the same while the destination fails in the same way. */
  readonly status: number | string
  /** One line. */
  readonly reason: string
}

/** The same again later. */
export interface Retry extends Refusal {
  readonly kind: 'retry'
  /**
   * `destination`: it is busy, or the way to it is broken. `timeout`: it or the link is slow. `set-up`: address, credentials or headers are wrong,
   * which a person mends.
   */
  readonly cause: 'destination' | 'timeout' | 'set-up'
  /** Milliseconds that the destination asked for. */
  readonly afterMs: number
}

/** What keeps a destination from taking entries: `HTTP 503`, `ECONNREFUSED`, `ENOSPC` …, and since when. */
export type SinkFault = TroubleFault
