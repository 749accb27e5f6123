import type { StreamName } from './stream-name.ts'

/** Turns the records of one container into entries. A format compiles it once, and the kernel runs it for each record. */
export interface Program {
  /** May be the same for many containers. */
  readonly ops: readonly Op[]
  /** The container's own literals. */
  readonly literals?: readonly Uint8Array[]
  /** What the format's `frame` puts around the container's entries in a request; empty for nothing. */
  readonly head: Uint8Array
}

/** One operation, which writes some bytes of the entry. */
export type Op =
  | { readonly op: 'literal'; readonly bytes: Uint8Array }
  /** The one of the program's `literals` that stands at that index. */
  | { readonly op: 'own-literal'; readonly index: number }
  /** When the container wrote the record: as the runtime wrote it, or as a number since 1970. */
  | { readonly op: 'time'; readonly as: 'written' }
  | { readonly op: 'time'; readonly as: NumberForm; readonly unit: TimeUnit }
  /** `seconds`: since 1970, in decimal, with nine digits behind a point. */
  | { readonly op: 'time'; readonly as: 'seconds' }
  /** When Loggy read it. */
  | { readonly op: 'now'; readonly as: NumberForm; readonly unit: TimeUnit }
  /** `string`: escaped as content of a JSON string. `raw`: valid UTF-8. `json`: the JSON object, for records in form `json`. */
  | { readonly op: 'body'; readonly as: 'string' | 'raw' | 'json' }
  /** One literal for an unknown level, then for trace, debug, info, warn, error and fatal. */
  | { readonly op: 'level'; readonly literals: readonly Uint8Array[] }
  /** How the record calls its level, at most 15 ASCII letters and digits or one sign; nothing where no level is known. */
  | { readonly op: 'level-word' }
  /**
   * The trace context of a body that is a JSON object which has one: 16 bytes of trace id, 8 of span id and 4 of flags, little-endian, each behind its
   * literal, of at most 16 bytes; nothing for what is not there. Only within a `prefix`.
   */
  | { readonly op: 'trace'; readonly literals: readonly [trace: Uint8Array, span: Uint8Array, flags: Uint8Array] }
  | { readonly op: 'record-id' }
  /** The original length of a truncated body in bytes. */
  | { readonly op: 'original-bytes'; readonly as: NumberForm }
  /** How many lines of the log the record was joined from, where it was joined from several. */
  | { readonly op: 'lines'; readonly as: NumberForm }
  /** The JSON that tells what is missing, for records that report a loss or what was left out. `string`: escaped as content of a JSON string. */
  | { readonly op: 'note'; readonly as?: 'string' }
  /** Names of the rules that redacted something in the record: a list of JSON, or a text with commas. */
  | { readonly op: 'redacted'; readonly as: 'list' | 'text' }
  /** The number of bytes that `ops` write, followed by these bytes. `ops` must not contain a body as `string`. */
  | { readonly op: 'prefix'; readonly as: NumberForm; readonly ops: readonly Op[] }
  | { readonly op: 'if'; readonly when: Condition; readonly ops: readonly Op[] }

export type NumberForm = 'decimal' | 'varint' | 'byte' | 'uint32-be' | 'fixed64' | 'uint64-be'

export type TimeUnit = 'ns' | 'ms' | 's'

/** A condition on a record. */
export type Condition =
  | { readonly stream: StreamName | 'unknown' }
  /** `json`: the body is a JSON object, and `parse.json` is on. */
  | { readonly form: 'text' | 'json' }
  /** `usual: true`: none of the conditions below holds, and the stream is known. */
  | { readonly usual: boolean }
  /** `joined`: from several lines, such as a stack trace. `redacted`: marks stand in place of something. */
  | { readonly is: 'partial' | 'malformed' | 'truncated' | 'lost' | 'sampled' | 'joined' | 'redacted' }
