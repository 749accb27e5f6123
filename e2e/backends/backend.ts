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

/** What a destination is proven against: a server of the kit, and how to send to it. */
export interface Backend {
  /** The sink's type, as a rule. */
  readonly name: string
  /** Its name in the kit. */
  readonly server: string
  /** Section `sink` of the configuration. `env`: what the kit says when the server is up, and the environment. */
  sink(env: Readonly<Record<string, string | undefined>>): object
  /** A line that the kit prints of what is stored; undefined for what came from others. */
  read(line: string): StoredRecord | undefined
}
