import type { Kit } from './kit.ts'
import type { Link } from './link.ts'

/** A record as a backend has it, in words that do not depend on the backend. */
export interface StoredRecord {
  readonly cluster: string
  readonly pod: string
  /** Nanoseconds since 1970. */
  readonly time: bigint
  readonly stream: string
  readonly body: string
  readonly id: string
  /** As in schema `loggy`; undefined for none. */
  readonly level: string | undefined
  /** Undefined: it has no place for them. */
  readonly labels: Readonly<Record<string, unknown>> | undefined
}

/** What the kit says when a server is up, and the environment. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface ProofOptions {
  /** The agent's. */
  readonly program: string
  readonly say: (text: string) => void
}

/** What a backend does to refuse requests, or some of their entries, for a while. */
export type Trouble = (parts: {
  readonly env: Environment
  readonly kit: Kit
  readonly link: Link
  /** Resolves when requests have failed by it. */
  readonly during: () => Promise<void>
}) => Promise<void>

/** Section `sink` of a configuration. */
export interface SinkSection {
  readonly url: string
}

/** An answer that a real server can be brought to give, and what must become of the records. */
export interface AnswerCase {
  readonly what: string
  /** Bytes of metadata: a request is so much larger than its entries, which are about 0.7 MB here. */
  readonly padding?: number
  sink(env: Environment): object
  /** How the server is started for it: `LOGGY_SERVERS_FLAGS`. */
  readonly flags?: string
  /**
   * `accepted`: the server throws them away itself; `isSplit`: after larger requests were refused. `waits`: nothing is delivered and nothing
   * lost; `error`: what the agent's log says.
   */
  readonly expected:
    | { readonly is: 'stored' | 'accepted'; readonly isSplit?: true }
    | { readonly is: 'waits'; readonly error: RegExp }
}

/** What a destination is proven against: a server of the kit, and how to send to it. */
export interface Backend {
  /** The sink's type, as a rule. */
  readonly name: string
  /** Its name in the kit. */
  readonly server: string
  /** How it is started: `LOGGY_SERVERS_FLAGS`. */
  readonly flags?: string
  /** What it has taken in its last seconds is gone after SIGKILL: it is told to end. */
  readonly forgetsAtKill?: true
  /** False: no record may be there again. */
  readonly storesTwice?: false
  /** Before anything is sent. */
  prepare?(env: Environment): Promise<void>
  sink(env: Environment): SinkSection
  readonly answers?: readonly AnswerCase[]
  /** What goes wrong besides, one after the other while containers write; each resolves when it is over. */
  readonly troubles?: readonly Trouble[]
  /** Before what is stored is read. */
  settle?(env: Environment): Promise<void>
  /** What else is to be shown, when the faults are over; resolves with what is wrong. */
  prove?(env: Environment, options: ProofOptions): Promise<readonly string[]>
  /** A line that the kit prints of what is stored; undefined for what came from others. */
  read(line: string): StoredRecord | undefined
}
