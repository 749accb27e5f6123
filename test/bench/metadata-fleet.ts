import { Reflector } from '../../src/kube/reflector.ts'
import { Random } from '../../src/simulation/random.ts'
import { VirtualClock } from './metadata-clock.ts'
import { FleetServer, type Second } from './metadata-fleet-server.ts'

// What 5,000 agents ask of one API server: `npm run bench:fleet`. The reflectors are the real ones, the time is not.

const AGENTS = 5000
/** Pods of a node, and bytes of one in JSON: see metadata-pods.ts. */
const PODS = 30
const POD_BYTES = 4800
const BOOKMARK_BYTES = 200
const minuteMs = 60_000

const clock = new VirtualClock()
const server = new FleetServer(clock)
const random = new Random(1)
const log = { debug() {}, info() {}, warn() {}, error() {} }

/** Follows until it is aborted. */
function startAgent(): AbortController {
  const stop = new AbortController()
  const target = { replace() {}, apply() {} }
  const what = { resource: 'pods', fieldSelector: 'spec.nodeName=node', project: () => undefined, target } as const
  void new Reflector({ ...what, client: server, log, clock, random: () => random.next() }).run(stop.signal)
  return stop
}

/** Starts them over ten minutes, so that no two events have anything to do with each other. */
async function startFleet(): Promise<AbortController[]> {
  const agents: AbortController[] = []
  while (agents.length < AGENTS) {
    agents.push(startAgent())
    await clock.pass((10 * minuteMs) / AGENTS)
  }
  await clock.pass(10 * minuteMs)
  return agents
}

async function report(name: string, milliseconds: number, happens: () => Promise<void> | void): Promise<void> {
  const [fromMs, refused] = [clock.monotonic(), server.refused]
  await happens()
  await clock.pass(milliseconds)
  const toMs = clock.monotonic()
  const seconds = server.seconds(fromMs, toMs)
  const sum = (what: keyof Second) => seconds.reduce((total, second) => total + second[what], 0)
  const most = (what: keyof Second) => Math.max(...seconds.map((second) => second[what]))
  const perSecond = (count: number) => (count / seconds.length).toFixed(1)
  const back = seconds.findLastIndex(({ lists, watches }) => lists + watches > AGENTS / 100) + 1
  print(name, '')
  print(
    '  lists',
    `${sum('lists')} in all, ${most('lists')} in the busiest second: ${bytes(most('lists') * PODS * POD_BYTES)}/s`,
  )
  print(
    '  watches',
    `${sum('watches')} in all, ${perSecond(sum('watches'))}/s, ${most('watches')} in the busiest second`,
  )
  print('  busiest tenth of a second', `${server.peakPerSecond(fromMs, toMs)} requests/s`)
  print(
    '  bookmarks',
    `${perSecond(sum('bookmarks'))}/s: ${bytes((sum('bookmarks') / seconds.length) * BOOKMARK_BYTES)}/s`,
  )
  print('  refused connections', `${server.refused - refused}`)
  print('  over 50 requests/s until second', `${back}; then ${server.openWatches} watches are open`)
}

/** The DaemonSet controller replaces a tenth at a time: a pod is gone for 3 to 5 s. `perSecond`: how many pods it makes at most. */
async function upgrade(agents: AbortController[], perSecond: number): Promise<void> {
  for (let next = 0; next < agents.length; ) {
    const first = next
    const wave = agents.slice(first, first + Math.min(AGENTS / 10, perSecond))
    for (const agent of wave) agent.abort()
    const startsMs = wave.map(() => 3000 + random.next() * 2000)
    for (const [index, startMs] of startsMs.entries()) {
      void clock.sleep(startMs).then(() => {
        agents[first + index] = startAgent()
      })
    }
    await clock.pass(wave.length < perSecond ? 5000 : 1000)
    next += wave.length
  }
}

function bytes(count: number): string {
  return count > 1e6 ? `${(count / 1e6).toFixed(0)} MB` : `${(count / 1e3).toFixed(0)} KB`
}

function print(name: string, figure: string): void {
  process.stdout.write(`${name.padEnd(36)}${figure}\n`)
}

const agents = await startFleet()
await report('at rest, 15 minutes', 15 * minuteMs, () => {})
await report('all connections cut, the server is there', 5 * minuteMs, () => server.cut({ keepsHistory: true }))
await clock.pass(10 * minuteMs)
for (const downMs of [0, 10_000, 60_000]) {
  await report(`restart, ${downMs / 1000} s, history lost`, 5 * minuteMs, async () => {
    server.isUp = downMs === 0
    server.cut({ keepsHistory: false })
    await clock.pass(downMs)
    server.isUp = true
  })
  await clock.pass(10 * minuteMs)
}
await report('upgrade, 20 pods/s', 5 * minuteMs, () => upgrade(agents, 20))
await clock.pass(10 * minuteMs)
await report('upgrade, a tenth of the nodes at once', minuteMs, () => upgrade(agents, AGENTS))
process.exit()
