import { parseArgs } from 'node:util'
import { spread, spreadText } from './measurement.ts'
import { type Side, sidesOf } from './sides.ts'
import { measureSteady, type SteadyName, type SteadyResult } from './steady.ts'

// Two agents at the same time, each with a node of its own: whatever else the machine does, it does to both. For loads so small that they are not in each other's way.

/** Scenarios that leave most of two cores free. */
const SMALL = ['quiet', 'calm', 'idle'] as const satisfies readonly SteadyName[]

const usage = `Usage: npm run bench:together -- --against DIR [--config JSON] [OPTION…] [SCENARIO…]

Compares what it costs to follow a quiet node with the bundle of another checkout, which must be built there (npm run bundle).
Both agents run at the same time. Scenarios: ${SMALL.join(', ')}; quiet and idle unless named.

  --against DIR   the other checkout
  --config JSON   options for this program only
  --runs N        how many, each with other agents (5)
  --seconds N     how long one is measured (30)
  --warm-up N     seconds before that, in which V8 compiles (30)
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    config: { type: 'string' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    'warm-up': { type: 'string', default: '30' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

type Pair = readonly [own: SteadyResult, other: SteadyResult]

/** Who starts first changes from run to run. */
async function compare(name: SteadyName, [own, other]: readonly [Side, Side]): Promise<void> {
  const pairs: Pair[] = []
  for (let run = 0; run < Number(values.runs); run += 1) {
    const isOwnFirst = run % 2 === 0
    const [first, second] = await Promise.all([
      measure(name, isOwnFirst ? own : other),
      measure(name, isOwnFirst ? other : own),
    ])
    pairs.push(isOwnFirst ? [first, second] : [second, first])
  }
  const { about } = pairs[0]?.[0] ?? {}
  process.stdout.write(`${name} (${about}): ${pairs.length} runs, this / the other\n`)
  write('CPU, % of a core', pairs, ({ cpuPercent }) => cpuPercent)
  write('wake-ups per second', pairs, ({ wakeUpsPerSecond }) => wakeUpsPerSecond)
  write('RSS, MiB', pairs, ({ rssMiB }) => rssMiB)
  for (const quantile of ['p50', 'p90', 'p99'] as const)
    write(`latency, ${quantile}, ms`, pairs, ({ latencies: [all] }) => all?.[quantile])
}

function measure(name: SteadyName, side: Side): Promise<SteadyResult> {
  return measureSteady(name, { seconds: Number(values.seconds), warmUpSeconds: Number(values['warm-up']), ...side })
}

/** The medians of both, and of the ratios. Nothing if there is no such figure. */
function write(what: string, pairs: readonly Pair[], figureOf: (result: SteadyResult) => number | undefined): void {
  const figures = pairs.map(([own, other]) => [figureOf(own) ?? Number.NaN, figureOf(other) ?? Number.NaN] as const)
  if (figures.flat().some(Number.isNaN)) return
  const [own, other] = [spread(figures.map(([one]) => one)).median, spread(figures.map(([, one]) => one)).median]
  const ratios = spreadText(figures.map(([one, two]) => one / two))
  process.stdout.write(`  ${what}: ${own.toFixed(3)} / ${other.toFixed(3)}, ${ratios}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
const names = positionals.length > 0 ? positionals : ['quiet', 'idle']
const isSmall = (name: string): name is (typeof SMALL)[number] => (SMALL as readonly string[]).includes(name)
const scenarios = names.filter(isSmall)
if (values.help || values.against === undefined || scenarios.length < names.length) {
  process.stdout.write(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const sides = sidesOf(values.against, values.config)
  for (const name of scenarios) await compare(name, sides)
}
