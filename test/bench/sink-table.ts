import { digits } from './figures.ts'
import type { SinkReport } from './report.ts'
import { range } from './result-tables.ts'
import type { Table } from './table.ts'

/** What each sink costs, and what other agents cost on the same lines. */
export function sinkTable({ costs }: SinkReport): Table {
  return {
    title: 'Cost of each destination',
    head: ['agent, destination', 'CPU s/GB of input', 'B sent per B in', 'MB/s of input', 'peak RSS MiB', 'runs'],
    rows: costs.map((cost) => [
      `${cost.agent}: ${cost.sends}`,
      range(cost.cpuSecondsPerGigabyte),
      digits(cost.wireShare.median),
      digits(cost.megabytesPerSecond.median),
      digits(cost.peakRssMiB.median),
      `${cost.runs}`,
    ]),
  }
}
