import type { TroubleFault } from '../lib/trouble.ts'
import type { Program } from './program.ts'
import type { Resource } from './resource.ts'

/** A sink consists of a format and a transport. Delivery knows nothing else about a destination. */

/** A request to a destination. */
export interface Request {
  readonly body: Uint8Array
  readonly contentType: string
  /** The compression of the body; empty for none. */
  readonly contentEncoding: string
  /** The partition of its entries; see Batch. */
  readonly partition: string
  /** Bytes of the response body that are needed to understand it. 0: the status is enough. */
  readonly answerBytes: number
  /** The destination's URL, if absent. */
  readonly url?: string
}

/** The result of one request. */
export type Answer =
  /** A file or pipe has taken all bytes. */
  { readonly kind: 'taken' } | StatusAnswer | Fault

/** An answer with a status, as in HTTP. */
export interface StatusAnswer {
  readonly kind: 'status'
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** At most `answerBytes`, or a few more for the log. */
  readonly body: Uint8Array
}

/** Why there is no answer. */
export interface Fault {
  readonly kind: 'fault'
  readonly error: unknown
  /** The request took too long: the network or the destination is slow. */
  readonly isTimeout: boolean
}

/** Sends requests to a destination. */
export interface Transport {
  /** Shown to people; contains no secrets. */
  readonly name: string
  /** Maximum number of requests in flight. With 1, entries arrive in the order of their batches. */
  readonly maxInFlight: number
  /** Maximum number of batches. If larger than `maxInFlight`, a batch can be filled while another is sent. */
  readonly slots: number
  /** Maximum size of a batch in bytes, and so of a request. */
  readonly batchBytes: number
  /**
   * Sends one request, once. Rejects with the signal's reason, or with a SinkError if the destination has failed permanently. No promise if it is
   * sent at once.
   */
  send(request: Request, signal: AbortSignal): Answer | Promise<Answer>
  close(): Promise<void>
}

/** Entries of one container, in order; `head`: of its program. */
export interface Group {
  readonly head: Uint8Array
  readonly pieces: readonly Uint8Array[]
}

/** How a container's entries are made. */
export interface CompileOptions {
  readonly hasIds: boolean
  /** See Batch; absent like empty. */
  readonly partition?: string
}

/** Turns records into entries and entries into requests, and interprets the answers. */
export interface Format {
  /** Name of the schema, where entries are lines of JSON. */
  readonly schema?: string
  /** Records have ids, whatever the configuration says. */
  readonly needsIds?: true
  /** What makes entries of a container's records. */
  compile(resource: Resource, options: CompileOptions): Program
  readonly contentType: string
  readonly limits: Limits
  /** See Request. */
  readonly answerBytes: number
  /** Milliseconds for which a request may be sent again as it is; for ever, if absent. Then it is made anew, since what is in it depends on the time. */
  readonly requestMs?: number
  /** The body of a request. Neighbours with the same head are one group; where all heads are empty there is one. */
  frame(groups: readonly Group[]): readonly Uint8Array[]
  /** What the answer means for the entries that were sent. `nowMs`: the time of day. */
  read(answer: StatusAnswer, sent: Sent, nowMs: number): Outcome
  /** Whether a container's entries, so many bytes in a batch, need a request of their own. Absent: none do. */
  isApart?(head: Uint8Array, byteCount: number, nowMs: number): boolean
  /** An entry longer than `limits.entryBytes` with less of its line, no longer than that; undefined where that cannot be. */
  shorten?(entry: Uint8Array): Uint8Array | undefined
  /** The entry as one JSON object in schema `loggy`, without a newline, for a dead letter. */
  record(entry: Uint8Array, head: Uint8Array): Uint8Array
}

/** The contents of a request. */
export interface Sent {
  readonly entryCount: number
  groups(): readonly Group[]
  /** In the order of the request's places. */
  entries(): Iterable<SentEntry>
}

/** An entry's bytes, and its container's head. */
export interface SentEntry {
  readonly bytes: Uint8Array
  readonly head: Uint8Array
}

/** The destination's limits; Infinity for none. */
export interface Limits {
  /** Bytes of all entries of a request and their heads, uncompressed. */
  readonly requestBytes: number
  /** Bytes of a request's body as it is sent, compressed. */
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
  /**
   * All are accepted but so many, and the answer does not say which: these are lost, since to send all again would double the others. 0: all are
   * accepted, and the destination has something to say to people.
   */
  | (Refusal & { readonly kind: 'partly'; readonly rejectedCount: number })
  /** Entries that are not listed are accepted. */
  | { readonly kind: 'receipts'; readonly receipts: readonly Receipt[]; readonly afterMs: number }
  /** The same entries may be accepted in smaller requests. */
  | (Refusal & { readonly kind: 'too-large' })
  /** One or more entries are refused, and the answer does not say which. */
  | (Refusal & { readonly kind: 'refused' })
  | Retry
  | Ask

/** The destination has the entries, and their receipts come later: send `request` after `afterMs`, and pass its answer to `read`. */
export interface Ask {
  readonly kind: 'ask'
  readonly request: Request
  readonly afterMs: number
  /** Milliseconds after which all entries are sent again; that of the first one counts. Until then it is asked again where no answer comes. */
  readonly forMs: number
  read(answer: StatusAnswer, nowMs: number): Outcome
}

/** The outcome of a single entry. `place`: its index in the request. */
export type Receipt = Refusal & { readonly place: number } & (
    | { readonly kind: 'rejected' }
    /** `cause`: `destination`, if absent. */
    | { readonly kind: 'retry'; readonly cause?: Retry['cause'] }
    /** The answer does not tell, but would of fewer entries: it is sent again at once, with half of the others of that kind. */
    | { readonly kind: 'untold' }
  )

/** Why something was not accepted. */
export interface Refusal {
  /** An HTTP status, or a code such as `ECONNREFUSED`; stays the same while the destination fails in the same way. */
  readonly status: number | string
  /** One line. */
  readonly reason: string
}

/** Send the same entries again later. */
export interface Retry extends Refusal {
  readonly kind: 'retry'
  /**
   * `destination`: it is busy, or cannot be reached. `timeout`: it or the network is slow. `set-up`: the URL, credentials or headers are
   * wrong, and a person has to fix them.
   */
  readonly cause: 'destination' | 'timeout' | 'set-up'
  /** Milliseconds that the destination asked for. */
  readonly afterMs: number
}

/** Why and since when the destination does not accept entries: `HTTP 503`, `ECONNREFUSED`, `ENOSPC` … */
export type SinkFault = TroubleFault
