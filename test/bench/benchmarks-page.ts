import { corpora } from './corpora.ts'
import { digits } from './figures.ts'
import type { Report, SinkReport } from './report.ts'
import { resultTables } from './result-tables.ts'
import { sinkTable } from './sink-table.ts'
import { markdownTable } from './table.ts'

/** docs/benchmarks.md, from docs/benchmarks.json and docs/benchmarks-sinks.json alone. */
export function benchmarksMarkdown(report: Report, sinks: SinkReport): string {
  const { cpu, cores, memoryGiB, kernel, node } = report.machine
  const measured = new Set(report.throughput.map(({ corpus }) => corpus))
  const corpusRows = Object.entries(corpora).filter(([name]) => measured.has(name as keyof typeof corpora))
  const tables = [...resultTables(report), sinkTable(sinks)].map(
    (table) => `## ${table.title}\n\n${markdownTable(table)}`,
  )
  return `# Benchmarks

Written by \`npm run bench -- --write-docs\` from [benchmarks.json](benchmarks.json); do not edit. Taken on ${report.taken}: ${cpu},
${cores} cores, ${Math.round(memoryGiB)} GiB, Linux ${kernel}, Node ${node}.

The whole agent as the image runs it, started anew for each run: positions saved, metadata from an API server, about 900 bytes of it
on each entry. Figures are medians; least and most in brackets.

![Throughput beside wc -l and cat, and histograms of latency](benchmarks.svg)

${tables.join('\n')}
## What is measured, and how

- **Throughput**: the corpus is there, in the page cache, before the agent starts. The time goes from the last look before its first
  output to the ack of its last entry, seen in the kernel's count of the bytes that the process has written (every 2 ms), so the agent is
  not disturbed. CPU is that of all its threads in this time; "CPU s in all" begins with the process. A run in which anything but
  the right number of entries, lines and bytes is delivered fails. \`cat\` and \`wc -l\` read the same files just before, process start included.
- **Latency**: a process of its own writes each line with one call, at random intervals around the rate, and puts the monotonic clock's
  time into it; the reader of the output pipe takes the same clock. The first 5 s do not count. Quantiles are right to 1.2 %.
- **Cost of following**: CPU and voluntary context switches of all threads after the same 5 s.
- **Cost of each destination**: \`npm run bench:sinks\`, taken on ${sinks.taken} with ${digits(sinks.megabytes)} MB of mixed lines ([benchmarks-sinks.json](benchmarks-sinks.json)). The server is a
  process of its own that answers as the real one does, and keeps nothing. Agents take turns on the same files. CPU is user and system of the whole agent, from
  the last look before the first byte came to the last byte. The OpenTelemetry Collector (file_log, k8s_attributes with all labels and annotations, batch) and vlagent
  (labels and annotations) are set up as documented, with GOMAXPROCS 2.
- **Start**: from the start of the process to its first entry; no positions are known.

| corpus | |
| --- | --- |
${corpusRows.map(([name, { about }]) => `| ${name} | ${about} |`).join('\n')}

15 % of the lines are stderr. Each corpus is made from 16 blocks of seeded lines, which its files repeat in different orders.
`
}
