import { type CorpusName, corpora } from './corpora.ts'
import { Corpus } from './corpus.ts'
import { type DestinationName, destinations } from './destination.ts'
import { type Spread, spread } from './measurement.ts'
import { type Reading, watchReading } from './reading.ts'
import { secondsOf } from './reference.ts'

/** How the whole agent, started anew for each run, got through a corpus that was there before it. */
export interface ThroughputResult {
  readonly corpus: CorpusName
  readonly output: DestinationName
  /** That the agent ran on; undefined: all. */
  readonly cpus: string | undefined
  readonly files: number
  readonly bytes: number
  readonly lines: number
  readonly entries: number
  readonly deliveredBytes: number
  readonly runs: number
  /** Of input, 10^6 bytes. */
  readonly megabytesPerSecond: Spread
  readonly linesPerSecond: Spread
  /** While it read, all threads together. */
  readonly cpuSecondsPerGigabyte: Spread
  readonly startSeconds: Spread
  readonly wholeCpuSeconds: Spread
  readonly peakRssMiB: Spread
  /** Of the same bytes in the same minute. */
  readonly catMegabytesPerSecond: Spread
  readonly wcMegabytesPerSecond: Spread
}

export interface ThroughputOptions {
  readonly megabytes: number
  readonly runs: number
  readonly outputs: readonly { readonly output: DestinationName; readonly cpus: string | undefined }[]
}

/** Measures one corpus with each output. Throws when anything but all its entries is delivered. */
export async function measureThroughput(name: CorpusName, options: ThroughputOptions): Promise<ThroughputResult[]> {
  const corpus = await Corpus.write(corpora[name], options.megabytes)
  try {
    const results: ThroughputResult[] = []
    for (const { output, cpus } of options.outputs) {
      const runs: Run[] = []
      for (let run = 0; run < options.runs; run += 1) runs.push(await measureOnce(corpus, output, cpus))
      results.push({ corpus: name, output, cpus, ...summary(corpus, runs) })
    }
    return results
  } finally {
    await corpus.close()
  }
}

interface Run {
  readonly reading: Reading
  readonly catSeconds: number
  readonly wcSeconds: number
}

async function measureOnce(corpus: Corpus, output: DestinationName, cpus: string | undefined): Promise<Run> {
  const catSeconds = await secondsOf(['cat'], corpus.paths)
  const wcSeconds = await secondsOf(['wc', '-l'], corpus.paths)
  const destination = await destinations[output](corpus.node.root)
  const agent = corpus.node.spawnAgent({ ...destination, cpus })
  try {
    return { reading: await watchReading(agent, corpus), catSeconds, wcSeconds }
  } finally {
    await agent.stop()
    await destination.close()
  }
}

function summary({ paths, byteCount, lines, entries }: Corpus, runs: readonly Run[]) {
  const over = (quantity: (run: Run) => number) => spread(runs.map(quantity))
  return {
    files: paths.length,
    bytes: byteCount,
    lines,
    entries,
    deliveredBytes: runs[0]?.reading.deliveredBytes ?? Number.NaN,
    runs: runs.length,
    megabytesPerSecond: over(({ reading }) => byteCount / 1e6 / reading.seconds),
    linesPerSecond: over(({ reading }) => lines / reading.seconds),
    cpuSecondsPerGigabyte: over(({ reading }) => reading.cpuSeconds / (byteCount / 1e9)),
    startSeconds: over(({ reading }) => reading.startSeconds),
    wholeCpuSeconds: over(({ reading }) => reading.wholeCpuSeconds),
    peakRssMiB: over(({ reading }) => reading.peakRssMiB),
    catMegabytesPerSecond: over(({ catSeconds }) => byteCount / 1e6 / catSeconds),
    wcMegabytesPerSecond: over(({ wcSeconds }) => byteCount / 1e6 / wcSeconds),
  }
}
