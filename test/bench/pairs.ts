import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { usageOf } from '../support/process-usage.ts'
import { corpora, corpusOf } from './corpora.ts'
import { Corpus } from './corpus.ts'
import { type DestinationName, destinations } from './destination.ts'
import { spreadText } from './measurement.ts'
import { watchReading } from './reading.ts'
import { type Side, sidesOf } from './sides.ts'

// Two bundles in turn on the same corpus, and the ratio of each pair: what a change costs, on a machine whose speed changes.

const usage = `Usage: npm run bench:pairs -- [--against DIR] [--config JSON] [OPTION…] [CORPUS…]

Compares the bundle of this checkout with that of another one, which must be built there (npm run bundle), pair by pair.
Corpora: ${Object.keys(corpora).join(' ')}, or a file whose lines are taken; mixed and short unless named.

  --against DIR  the other checkout; this one, if absent
  --config JSON  options for this program only, such as '{"redact":{"presets":["tokens"]}}'
  --pairs N      how many (15)
  --megabytes N  size of each corpus (500)
  --cpus LIST    CPUs for the agent, as taskset takes them (0)
  --output NAME  ${Object.keys(destinations).join(', ')} (null)
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    config: { type: 'string' },
    pairs: { type: 'string', default: '15' },
    megabytes: { type: 'string', default: '500' },
    cpus: { type: 'string', default: '0' },
    output: { type: 'string', default: 'null' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

interface Run {
  /** While it read. */
  readonly userSeconds: number
  /** From the start of the process on, in the system too. */
  readonly wholeCpuSeconds: number
  readonly seconds: number
  readonly peakRssMiB: number
  readonly deliveredBytes: number
}

async function measure(corpus: Corpus, { program, config }: Side): Promise<Run> {
  const destination = await destinations[values.output as DestinationName](corpus.node.root)
  const agent = corpus.node.spawnAgent({
    ...destination,
    cpus: values.cpus,
    program,
    config: { ...destination.config, ...config },
  })
  try {
    const { userSeconds, wholeCpuSeconds, seconds, deliveredBytes } = await watchReading(agent, corpus)
    return {
      userSeconds,
      wholeCpuSeconds,
      seconds,
      deliveredBytes,
      peakRssMiB: usageOf(agent.pid)?.peakRssMiB ?? Number.NaN,
    }
  } finally {
    await agent.stop()
    await destination.close()
  }
}

async function compare(name: string, sides: readonly [own: Side, other: Side]): Promise<void> {
  const corpus = await Corpus.write(corpusOf(name), Number(values.megabytes))
  const pairs: (readonly [Run, Run])[] = []
  try {
    for (let pair = 0; pair < Number(values.pairs); pair += 1) {
      const isOwnFirst = pair % 2 === 0
      const first = await measure(corpus, sides[isOwnFirst ? 0 : 1])
      const second = await measure(corpus, sides[isOwnFirst ? 1 : 0])
      pairs.push(isOwnFirst ? [first, second] : [second, first])
    }
  } finally {
    await corpus.close()
  }
  const bytes = new Set(pairs.flat().map(({ deliveredBytes }) => deliveredBytes))
  process.stdout.write(
    `${name}: ${pairs.length} pairs, this against the other, ${[...bytes].join(' and ')} bytes delivered\n`,
  )
  const rows = [
    ['speed by user CPU', ([own, other]: readonly [Run, Run]) => other.userSeconds / own.userSeconds],
    ['start included, all CPU', ([own, other]: readonly [Run, Run]) => other.wholeCpuSeconds / own.wholeCpuSeconds],
    ['speed by wall clock', ([own, other]: readonly [Run, Run]) => other.seconds / own.seconds],
    ['peak RSS', ([own, other]: readonly [Run, Run]) => own.peakRssMiB / other.peakRssMiB],
  ] as const
  for (const [what, ratio] of rows) process.stdout.write(`  ${what}: ${spreadText(pairs.map(ratio))}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
const names = positionals.length > 0 ? positionals : ['mixed', 'short']
const isKnown =
  names.every((name) => Object.hasOwn(corpora, name) || existsSync(name)) && Object.hasOwn(destinations, values.output)
const isTold = values.against !== undefined || values.config !== undefined
if (values.help || !isTold || !isKnown) {
  process.stdout.write(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const sides = sidesOf(values.against, values.config)
  for (const name of names) await compare(name, sides)
}
