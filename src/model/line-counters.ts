/** What became of a container's lines since its log was opened. pipeline/line-counters.ts says how the counters add up. */
export interface LineCounters {
  readonly bytes: number
  readonly lines: number
  readonly repeated: number
  readonly joined: number
  readonly filtered: number
  readonly sampled: number
  readonly sampledBytes: number
  readonly summaries: number
  readonly entries: number
  readonly unfinished: number
  readonly losses: number
  readonly lostBytes: number
  readonly delivered: number
  readonly deadLettered: number
  readonly malformed: number
  readonly truncated: number
  readonly groups: number
  readonly grouped: number
  readonly cut: number
}
