import { digits, percent, thousands } from './figures.ts'
import type { Spread } from './measurement.ts'
import type { Results } from './report.ts'
import type { SteadyResult } from './steady.ts'
import type { Table } from './table.ts'
import type { ThroughputResult } from './throughput.ts'

/** The tables of what was measured; none of what was not. */
export function resultTables({ throughput, steady, firstEntry }: Results): Table[] {
  const tables = [throughputTable(throughput), referenceTable(throughput), latencyTable(steady), footprintTable(steady)]
  const start = {
    title: 'Start',
    head: ['files', 'runs', 'ms from start to first entry'],
    rows: firstEntry.map(({ files, runs, firstEntryMs }) => [`${files}`, `${runs}`, range(firstEntryMs)]),
  }
  return [...tables, start].filter(({ rows }) => rows.length > 0)
}

/** Names a row of the throughput table. */
export function throughputName({ corpus, output, cpus }: ThroughputResult): string {
  return `${corpus} → ${output}${cpus === undefined ? '' : ', one core'}`
}

/** The agent's speed as a part of what a tool makes of the same bytes. */
export function shareOf(tool: Spread, { megabytesPerSecond }: ThroughputResult): number {
  return megabytesPerSecond.median / tool.median
}

function throughputTable(results: readonly ThroughputResult[]): Table {
  return {
    title: 'Throughput',
    head: ['corpus → output', 'MB/s of input', 'of `wc -l`', 'of `cat`', 'lines/s', 'CPU s/GB', 'peak RSS MiB'],
    rows: results.map((result) => [
      throughputName(result),
      range(result.megabytesPerSecond),
      percent(shareOf(result.wcMegabytesPerSecond, result)),
      percent(shareOf(result.catMegabytesPerSecond, result)),
      thousands(result.linesPerSecond.median),
      digits(result.cpuSecondsPerGigabyte.median),
      digits(result.peakRssMiB.median),
    ]),
  }
}

/** What the throughput table's figures stand on. */
function referenceTable(results: readonly ThroughputResult[]): Table {
  return {
    title: 'What the throughput stands on',
    head: [
      'corpus → output',
      'files',
      'MB',
      'entries',
      'runs',
      'B out per B in',
      'start s',
      'CPU s in all',
      '`wc -l` MB/s',
      '`cat` MB/s',
    ],
    rows: results.map((result) => [
      throughputName(result),
      `${result.files}`,
      digits(result.bytes / 1e6),
      thousands(result.entries),
      `${result.runs}`,
      digits(result.deliveredBytes / result.bytes),
      digits(result.startSeconds.median),
      digits(result.wholeCpuSeconds.median),
      thousands(result.wcMegabytesPerSecond.median),
      thousands(result.catMegabytesPerSecond.median),
    ]),
  }
}

function latencyTable(results: readonly SteadyResult[]): Table {
  return {
    title: 'Latency, ms from write to output',
    head: ['load', 'p50', 'p90', 'p99', 'p99.9', 'most', 'lines'],
    rows: results
      .flatMap(({ latencies }) => latencies)
      .map(({ about, count, ...ms }) => [
        about,
        ...[ms.p50, ms.p90, ms.p99, ms.p999, ms.most].map(digits),
        thousands(count),
      ]),
  }
}

function footprintTable(results: readonly SteadyResult[]): Table {
  return {
    title: 'Cost of following',
    head: ['load', 'CPU, % of a core', 'wake-ups/s', 'RSS MiB'],
    rows: results.map(({ about, cpuPercent, wakeUpsPerSecond, rssMiB }) => [
      about,
      digits(cpuPercent),
      thousands(wakeUpsPerSecond),
      digits(rssMiB),
    ]),
  }
}

export function range({ median, least, most }: Spread): string {
  return `${digits(median)} (${digits(least)}–${digits(most)})`
}
