import type { StreamName } from './stream-name.ts'

/** What makes an entry of a record, for all records of one container: a format compiles it once, and the kernel runs it. */
export interface Program {
  readonly ops: readonly Op[]
  /** What stands around the container's entries of a request, for the format's `frame`; empty where entries stand by themselves. */
  readonly head: Uint8Array
}

/** One operation: what it writes. */
export type Op =
  | { readonly op: 'literal'; readonly bytes: Uint8Array }
  /** When the container wrote it: as the runtime has it, or since 1970. */
  | { readonly op: 'time'; readonly as: 'written' }
  | { readonly op: 'time'; readonly as: NumberForm; readonly unit: TimeUnit }
  /** `string`: the content of a JSON string. `raw`: bytes of valid UTF-8. `json`: of a record in form `json`, which is JSON. */
  | { readonly op: 'body'; readonly as: 'string' | 'raw' | 'json' }
  /** The first one where no level is known, then for trace, debug, info, warn, error and fatal. */
  | { readonly op: 'level'; readonly literals: readonly Uint8Array[] }
  /** How the record calls its level, at most 15 ASCII letters and digits or one sign; nothing where no level is known. */
  | { readonly op: 'level-word' }
  | { readonly op: 'record-id' }
  /** Bytes of the whole body, of a record that is truncated. */
  | { readonly op: 'original-bytes'; readonly as: NumberForm }
  /** The JSON that tells of a loss, of a record that is one. */
  | { readonly op: 'lost' }
  /** How many bytes these operations write, and what they write. There can be no body as a `string` among them. */
  | { readonly op: 'prefix'; readonly as: NumberForm; readonly ops: readonly Op[] }
  | { readonly op: 'if'; readonly when: Condition; readonly ops: readonly Op[] }

export type NumberForm = 'decimal' | 'varint' | 'byte' | 'uint32-be' | 'fixed64' | 'uint64-be'

export type TimeUnit = 'ns' | 'ms' | 's'

/** What is asked of a record. */
export type Condition =
  | { readonly stream: StreamName | 'unknown' }
  /** `json`: the body is a JSON object, and is to stand as such. */
  | { readonly form: 'text' | 'json' }
  /** Of a usual record none of what follows can be said. */
  | { readonly usual: boolean }
  | { readonly is: 'partial' | 'malformed' | 'truncated' | 'lost' }
