/** Which lines of a container are joined to one record: those of known grammars; those that are indented behind one that is not; or by where a record begins. */
export type Multiline = 'off' | 'auto' | 'indented' | RecordStart

export interface RecordStart {
  /** Whether a record begins with that line. */
  begins(line: Uint8Array): boolean
}

/** Which it is for a container, and the option or annotation that decides it. */
export interface MultilineChoice {
  readonly multiline: Multiline
  readonly rule: string
}
