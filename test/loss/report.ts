/** What a loss run measured. */
export interface Report {
  readonly reader: string
  /** For which lines were written. */
  readonly seconds: number
  readonly rotations: number
  readonly kills: number
  /** Records: lines, and stack traces. */
  readonly written: number
  readonly lines: number
  /** Traces that came whole; records that came in pieces or joined to others, and the first few of them. */
  readonly wholeTraces: number
  readonly brokenRecords: number
  readonly broken: readonly string[]
  /** The longest between two writes, in milliseconds: a second of silence ends a record. */
  readonly pauseMs: number
  readonly lost: number
  readonly lostOfNoisy: number
  /** First and last of records of the noisy container that never came, the first few. */
  readonly gaps: readonly (readonly [number, number])[]
  readonly duplicates: number
  /** Of lines that were acked more than 200 ms before their agent was killed. */
  readonly needlessDuplicates: number
  /** Milliseconds from ack to kill, the longest of a duplicate. */
  readonly oldestDuplicateMs: number
  /** Entries that tell of a loss. */
  readonly lossMarkers: number
  /** Records that had not arrived when the last one was written, and how long they took. */
  readonly behindAtEnd: number
  readonly drainMs: number
  readonly quietLatencyMs: { readonly p50: number; readonly p99: number }
  readonly cpuSeconds: number
  readonly peakRssMiB: number
}

/** Milliseconds at p99 from write to arrival of a quiet container's lines while another runs at full speed, without kills. */
const FAIR_MS = 250
/** Milliseconds without a line after which the agent delivers what waits for one. */
const SILENCE_MS = 1000

/** For people. */
export function formatReport(report: Report): string {
  const share = (count: number) => `${((100 * count) / report.written).toFixed(3)} %`
  const rows: [string, string][] = [
    ['reader', report.reader],
    [
      'records written',
      `${report.written} of ${report.lines} lines in ${report.seconds.toFixed(1)} s, ${report.rotations} rotations`,
    ],
    ['stack traces', `${report.wholeTraces} whole, ${report.brokenRecords} records in pieces or joined to others`],
    ['longest pause of the writer', `${report.pauseMs.toFixed(0)} ms`],
    ['kills', `${report.kills}`],
    ['lost', `${report.lost} (${share(report.lost)})`],
    ['duplicates', `${report.duplicates} (${share(report.duplicates)})`],
    ['… of lines acked over 200 ms before', `${report.needlessDuplicates}`],
    ['oldest duplicate', `${report.oldestDuplicateMs.toFixed(0)} ms from ack to kill`],
    ['loss markers', `${report.lossMarkers}`],
    ['behind at the end', `${report.behindAtEnd} records, arrived within ${report.drainMs.toFixed(0)} ms`],
    [
      'quiet containers',
      `p50 ${report.quietLatencyMs.p50.toFixed(1)} ms, p99 ${report.quietLatencyMs.p99.toFixed(1)} ms`,
    ],
    ['CPU', `${report.cpuSeconds.toFixed(1)} s`],
    ['peak RSS', `${report.peakRssMiB.toFixed(0)} MiB`],
  ]
  return rows.map(([name, value]) => `${name.padEnd(36)}${value}`).join('\n')
}

/** A sentence for each. */
export function missedRequirements(report: Report): string[] {
  const isFair = report.kills > 0 || report.quietLatencyMs.p99 <= FAIR_MS
  return [
    report.lost > 0 &&
      `${report.lost} records are lost, the first of the noisy container at ${JSON.stringify(report.gaps)}`,
    report.brokenRecords > 0 &&
      report.pauseMs < SILENCE_MS &&
      `${report.brokenRecords} records came in pieces or joined to others: ${report.broken.join(' and ')}`,
    report.needlessDuplicates > 0 &&
      `${report.needlessDuplicates} duplicates of lines acked over 200 ms before the kill`,
    !isFair && `lines of quiet containers take ${report.quietLatencyMs.p99.toFixed(0)} ms at p99`,
  ].filter((sentence) => sentence !== false)
}
