import { type CorpusName, corpora } from './corpora.ts'
import { measureFirstEntry } from './first-entry.ts'
import { lastCpu } from './machine.ts'
import type { Results } from './report.ts'
import { measureSteady, type SteadyName } from './steady.ts'
import { measureThroughput, type ThroughputOptions } from './throughput.ts'

/** How much is measured. */
export interface BenchOptions {
  /** Of each corpus, 10^6 bytes; undefined: its full size. */
  readonly megabytes: number | undefined
  readonly runs: number
  /** Of each steady load, after its warm-up. */
  readonly seconds: number
  /** The CPUs of all agents; undefined: throughput is measured on all and on one. */
  readonly cpus: string | undefined
}

export type Scenario = (options: BenchOptions) => Promise<Partial<Results>>

/** By the name that the command line has for it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries((Object.keys(corpora) as CorpusName[]).map((name) => [name, throughput(name)])),
  latency: steady('quiet', 'busy'),
  flood: steady('calm', 'flood'),
  idle: steady('idle', 'trickle'),
  start: async ({ runs }) => ({ firstEntry: [await measureFirstEntry(runs)] }),
}

function throughput(name: CorpusName): Scenario {
  return async ({ megabytes = corpora[name].fullMegabytes, runs, cpus }) => ({
    throughput: await measureThroughput(name, { megabytes, runs, outputs: outputs(name, cpus) }),
  })
}

function outputs(name: CorpusName, cpus: string | undefined): ThroughputOptions['outputs'] {
  const toNull = cpus === undefined ? [undefined, lastCpu()] : [cpus]
  const others = name === 'mixed' ? (['pipe', 'file', 'records'] as const) : []
  return [...toNull.map((on) => ({ output: 'null', cpus: on }) as const), ...others.map((output) => ({ output, cpus }))]
}

function steady(...names: readonly SteadyName[]): Scenario {
  return async ({ seconds }) => {
    const results = []
    for (const name of names) results.push(await measureSteady(name, { seconds }))
    return { steady: results }
  }
}
