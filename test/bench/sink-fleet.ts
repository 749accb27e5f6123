import { parseArgs } from 'node:util'
import { Random } from '../../src/simulation/random.ts'
import { VirtualClock } from './metadata-clock.ts'
import { FleetNode } from './sink-fleet-node.ts'
import { type BackendOptions, type BackendSecond, FleetBackend } from './sink-fleet-server.ts'

// What the agents of a cluster do to their backend when it comes back: `npm run bench:fleet-sink`. Delivery is the real one, the time is not. What the
// backend takes is in proportion to the nodes, so that the curve does not depend on their number: 5,000 take 12 minutes of CPU for each kind of overload.

const { values } = parseArgs({ options: { nodes: { type: 'string', default: '500' }, even: { type: 'boolean' } } })

const NODES = Number(values.nodes)
/** What a node writes. The backend takes twice what all of them do. */
const NODE_BYTES_PER_SECOND = 20_000
const CAPACITY = 2 * NODES * NODE_BYTES_PER_SECOND
const MAX_IN_FLIGHT = 4
const minuteMs = 60_000
const OUTAGE_MS = 10 * minuteMs
const LONGEST_MS = 40 * minuteMs
/** Ends of the stretches of the load curve, in seconds from the return on. */
const STRETCHES = [5, 10, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 2400]

const random = new Random(1)
// Waits are as long as they may be, for all alike: what the fleet would do without chance.
Math.random = values.even ? () => 1 : () => random.next()

async function runOutage(overload: BackendOptions['overload']): Promise<void> {
  const clock = new VirtualClock()
  const limits = { bytesPerSecond: CAPACITY, requestsPerSecond: 2 * NODES }
  const backend = new FleetBackend(clock, { ...limits, overload })
  const stop = new AbortController()
  const transport = backend.transport(MAX_IN_FLIGHT)
  const nodes: FleetNode[] = []
  const running: Promise<void>[] = []
  for (let index = 0; index < NODES; index += 1) {
    const node = new FleetNode(clock, { transport, bytesPerSecond: NODE_BYTES_PER_SECOND })
    nodes.push(node)
    running.push(node.run(stop.signal))
    if (index % (NODES / 100) === 0) await clock.pass(10)
  }
  await clock.pass(minuteMs)
  backend.isUp = false
  await clock.pass(OUTAGE_MS)
  const backMs = clock.monotonic()
  const [before] = stretch(backend, backMs - minuteMs, backMs)
  backend.isUp = true
  const drainedMs = await drain(clock, nodes, backMs)
  report({ backend, overload, backMs, drainedMs, triesBefore: before.requests / 60 })
  stop.abort()
  await clock.pass(1000)
  await Promise.all(running)
}

/** When 99 % of the nodes are less than ten seconds behind, or NaN. */
async function drain(clock: VirtualClock, nodes: readonly FleetNode[], backMs: number): Promise<number> {
  while (clock.monotonic() < backMs + LONGEST_MS) {
    await clock.pass(5000)
    if (nodes.filter(({ backlog }) => backlog > 10 * NODE_BYTES_PER_SECOND).length < NODES / 100)
      return clock.monotonic()
  }
  return Number.NaN
}

function stretch(backend: FleetBackend, fromMs: number, toMs: number): readonly [BackendSecond, number] {
  const seconds = backend.seconds(fromMs, toMs)
  const sum = (what: keyof BackendSecond) => seconds.reduce((total, second) => total + second[what], 0)
  const peak = Math.max(...seconds.map(({ bytes }) => bytes)) / backend.capacity
  const [requests, bytes, takenBytes] = [sum('requests'), sum('bytes'), sum('takenBytes')]
  return [{ requests, bytes, takenBytes, refused: sum('refused'), timedOut: sum('timedOut') }, peak]
}

interface Outage {
  readonly backend: FleetBackend
  readonly overload: string
  readonly backMs: number
  readonly drainedMs: number
  readonly triesBefore: number
}

function report({ backend, overload, backMs, drainedMs, triesBefore }: Outage): void {
  const endMs = Number.isNaN(drainedMs) ? backMs + LONGEST_MS : drainedMs
  const [all, peak] = stretch(backend, backMs, endMs)
  const minutes = Number.isNaN(drainedMs) ? 'not in 40 min' : `${((drainedMs - backMs) / minuteMs).toFixed(1)} min`
  print(`${overload}: drained ${minutes}; ${triesBefore.toFixed(0)} tries/s while it was away`)
  print(`  busiest second ${peak.toFixed(1)} times what it takes; ${shares(all)}`)
  print('  from the return to s    requests/s  offered  stored  (of what it takes)  not accepted')
  let fromS = 0
  for (const toS of STRETCHES) {
    if (backMs + fromS * 1000 >= endMs) break
    const toMs = Math.min(endMs, backMs + toS * 1000)
    const [one] = stretch(backend, backMs + fromS * 1000, toMs)
    const seconds = (toMs - backMs) / 1000 - fromS
    const ofCapacity = (bytes: number) => `${((bytes / seconds / backend.capacity) * 100).toFixed(0)} %`.padStart(7)
    const rate = (one.requests / seconds).toFixed(0).padStart(10)
    print(
      `  ${String(toS).padStart(20)}  ${rate}  ${ofCapacity(one.bytes)} ${ofCapacity(one.takenBytes)}  ${shares(one)}`,
    )
    fromS = toS
  }
}

function shares({ requests, refused, timedOut, bytes, takenBytes }: BackendSecond): string {
  const share = (count: number, of: number) => `${((count / Math.max(1, of)) * 100).toFixed(0)} %`
  const lost = Math.max(0, bytes - takenBytes)
  return `refused ${share(refused, requests)}, timed out ${share(timedOut, requests)}, bytes in vain ${share(lost, bytes)}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

print(`${NODES} nodes, ${values.even ? 'without chance' : 'waits at random'}`)
for (const overload of ['says 429', 'says 503, Retry-After 30', 'answers late'] as const) await runOutage(overload)
process.exit()
