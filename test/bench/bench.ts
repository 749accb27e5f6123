import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type CorpusName, corpora } from './corpora.ts'
import { measureThroughput } from './throughput.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '200' },
    full: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    cpus: { type: 'string' },
    json: { type: 'string' },
  },
})
const names = Object.keys(corpora) as CorpusName[]
const chosen = positionals.length === 0 ? names : names.filter((name) => positionals.includes(name))
const results = []
for (const name of chosen) {
  const megabytes = values.full ? corpora[name].fullMegabytes : Number(values.megabytes)
  const outputs = [{ output: 'null', cpus: values.cpus }] as const
  for (const result of await measureThroughput(name, { megabytes, runs: Number(values.runs), outputs })) {
    results.push(result)
    const {
      corpus,
      output,
      megabytesPerSecond: speed,
      linesPerSecond,
      cpuSecondsPerGigabyte: cpu,
      peakRssMiB,
      startSeconds,
    } = result
    process.stdout.write(
      `${corpus} → ${output}: ${speed.median.toFixed(1)} MB/s (${speed.least.toFixed(1)}–${speed.most.toFixed(1)}), ` +
        `${linesPerSecond.median.toFixed(0)} lines/s, ${cpu.median.toFixed(2)} CPU s/GB, ${peakRssMiB.median.toFixed(0)} MiB, ` +
        `start ${startSeconds.median.toFixed(2)} s; cat ${result.catMegabytesPerSecond.median.toFixed(0)} MB/s, ` +
        `wc -l ${result.wcMegabytesPerSecond.median.toFixed(0)} MB/s; ${(result.deliveredBytes / result.bytes).toFixed(2)} bytes out per byte in, ` +
        `${(result.deliveredBytes / result.entries).toFixed(0)} B per entry, ${result.entries} entries\n`,
    )
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`)
