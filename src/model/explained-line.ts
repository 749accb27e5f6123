import type { LineShape } from './line-shape.ts'
import type { StreamName } from './stream-name.ts'

/** A line of a log, and what joining makes of it. */
export interface ExplainedLine {
  /** Undefined if the line has no known format. */
  readonly stream: StreamName | undefined
  /** As it leaves the node. Undefined where what was redacted goes over several lines of the record, which the first one has. */
  readonly text: string | undefined
  /** Of its record: 0 for the first. */
  readonly place: number
  /** How many lines its record has. */
  readonly lines: number
  readonly shape: LineShape
  /** The shape of its record's first line. */
  readonly firstShape: LineShape
  /** What it may begin: what its shape says; or, as a log line that is a warning or worse, or names an exception, what is behind such lines. */
  readonly begins: 'by-shape' | 'as-lead' | undefined
}

/** The last lines of a container's log. */
export interface ExplainedLines {
  readonly path: string
  /** How lines are joined: by known grammars; those that are indented; by a pattern. */
  readonly by: 'known' | 'indented' | 'start'
  readonly lines: readonly ExplainedLine[]
}
