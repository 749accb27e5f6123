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
  readonly labels: Readonly<Record<string, unknown>>
}

type Env = Readonly<Record<string, string | undefined>>

/** An answer that a real server can be brought to give, and what must become of the records. */
export interface AnswerCase {
  readonly what: string
  /** Bytes of metadata: a request is so much larger than its entries, which are about 0.7 MB here. */
  readonly padding?: number
  sink(env: Env): object
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
  /** Section `sink` of the configuration. `env`: what the kit says when the server is up, and the environment. */
  sink(env: Env): object
  readonly answers: readonly AnswerCase[]
  /** A line that the kit prints of what is stored; undefined for what came from others. */
  read(line: string): StoredRecord | undefined
}
