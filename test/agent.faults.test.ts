import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerInstance } from '../src/simulation/container-instance.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { letPass, report } from './support/let-pass.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }
const busy: PodSpec = { ...web, name: 'busy' }
const exclusion = { 'loggy.io/exclude': 'true' }

/** Milliseconds: longer than the second after which an agent that may not write looks around. */
const TICK_MS = 1200

describe('lines', { concurrency: 3 }, () => {
  test('of 300 kB are not starved by a busy log', async (t) => {
    const node = await TestNode.start(t)
    const noise = node.kubelet.startPod(busy).container()
    const container = node.kubelet.startPod(web).container()
    const block = Buffer.from(`2026-01-01T00:00:00.000000001Z stdout F ${'x'.repeat(200)}\n`.repeat(4000))
    for (let round = 0; round < 40; round += 1) noise.log.append(block)
    for (const line of ['before', 'B'.repeat(300_000), 'after']) container.write('stdout', line)
    await node.startAgent()
    await node.entry('after')
    const noiseBefore = node.logs().indexOf('after') - node.logs('web').indexOf('after')
    assert.ok(noiseBefore < 80_000, `${noiseBefore} lines of 160000 came first`)
  })

  test('are delivered though nobody reads the log of the agent any more', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    node.closeLog()
    for (let line = 0; line < 3; line += 1) {
      node.signal('SIGUSR2') // it writes a report there
      container.write('stdout', `line ${line}`)
      await node.entry(`line ${line}`)
    }
    assert.equal(await node.stopAgent(), 0)
  })

  test('that no runtime writes, with 500 digits of a second, are delivered and end nothing', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    const corrupt = `2026-01-01T00:00:00.${'1'.repeat(500)}Z stdout F x`
    for (let line = 0; line < 2000; line += 1) container.log.append(Buffer.from(`${corrupt}\n`))
    container.write('stdout', 'after')
    await node.entry('after')
    assert.equal(node.logs().filter((log) => log === corrupt).length, 2000)
    assert.deepEqual(node.noise, [])
  })

  test('whose end was truncated away are flagged and joined to nothing', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'whole')
    container.log.writeUnfinished('stdout', 'beginning')
    await waitUntil('both are read', async () => (await report(node)).containers[0]?.lines === 2)
    truncateSync(container.logPath)
    container.write('stdout', 'another')
    await node.entry('another')
    const [whole, beginning, lost, another] = node.entries
    assert.deepEqual([whole?.log, beginning?.log, another?.log], ['whole', 'beginning', 'another'])
    assert.equal(beginning?.partial, true)
    assert.notEqual(lost?.lost, undefined)
    assert.equal(node.entries.length, 4)
  })
})

describe('what the kubelet deletes', { concurrency: 3 }, () => {
  test('before it was opened leaves nothing behind, stale links included', async (t) => {
    const node = await TestNode.start(t)
    const living = node.kubelet.startPod(web).container()
    const stale = [1, 2, 3].map((index) => {
      const link = join(node.kubelet.logDirectory, `old-${index}_shop_app-${String(index).repeat(64)}.log`)
      symlinkSync(join(node.root, 'pods', `shop_old-${index}_uid-${index}`, 'app', '0.log'), link)
      return link
    })
    await node.startAgent()
    for (let index = 0; index < 20; index += 1) {
      const pod = node.kubelet.startPod({ ...web, name: `brief-${index}` })
      pod.container().write('stdout', 'x')
      node.kubelet.deletePod(pod)
    }
    for (const link of stale) rmSync(link)
    living.write('stdout', 'still here')
    await node.entry('still here')
    await waitUntil('all others are finished', async () => {
      const { found, finished } = (await report(node)).total
      return found >= 4 && finished === found - 1
    })
    const { total, containers } = await report(node)
    assert.deepEqual([total.faults, total.stuck], [0, 0])
    assert.deepEqual(
      containers.map(({ pod }) => pod),
      ['web'],
    )
    assert.equal(node.openLogs().length, 1)
  })

  test('while nobody looks is told where it was', async (t) => {
    let aheadMs = 0
    const clock = { now: () => Date.now() + aheadMs }
    const node = await TestNode.start(t, { kubelet: { maxLogFiles: 3, clock } })
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'before')
    await node.entry('before')
    node.pause()
    for (let round = 0; round < 8; round += 1) {
      aheadMs += 10_000 // the time between two looks of a kubelet; files that follow sooner have none between them
      container.write('stdout', `round ${round}`)
      container.rotate()
    }
    node.resume()
    container.write('stdout', 'after')
    await node.entry('after')
    const told = node.entries.map(({ log, lost }) => (lost === undefined ? log : 'lost'))
    assert.deepEqual(told, ['before', 'round 0', 'lost', 'round 6', 'round 7', 'after'])
  })

  test('is kept open for a log that waits for its pod', async (t) => {
    const config = { select: { labels: 'app=web' } }
    const node = await TestNode.start(t, { kubelet: { maxLogFiles: 2 }, config })
    const pod = node.kubelet.createPod({ ...web, labels: { app: 'web' } })
    const container = pod.container()
    container.createLog()
    container.link()
    await node.startAgent()
    for (let round = 0; round < 4; round += 1) {
      container.write('stdout', `round ${round}`)
      await waitUntil('it is open', () => node.hasOpen(container.logPath))
      container.rotate()
    }
    container.write('stdout', 'after')
    pod.publish()
    await node.entry('after')
    assert.deepEqual(node.logs(), ['round 0', 'round 1', 'round 2', 'round 3', 'after'])
  })

  test('is finished soon when its pod never became known', async (t) => {
    const node = await TestNode.start(t, { config: { select: { labels: 'app=web' } } })
    await node.startAgent()
    const pod = node.kubelet.createPod(web)
    pod.container().link()
    await waitUntil('it is found', async () => (await report(node)).total.found === 1)
    pod.removeLogs()
    await waitUntil('it is finished', async () => (await report(node)).total.finished === 1)
  })

  test('is read once when only its link was removed and made again', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'one')
    await node.entry('one')
    container.unlink()
    const witness = node.kubelet.startPod({ ...web, name: 'witness' }).container()
    witness.write('stdout', 'found')
    await node.entry('found') // by a scan that missed the link
    container.link()
    await waitUntil('the link is found', async () => (await report(node)).total.found === 3)
    container.write('stdout', 'two')
    await node.entry('two')
    assert.deepEqual(node.logs('web'), ['one', 'two'])
  })
})

describe('what is written while a container is excluded never appears,', { concurrency: 3 }, () => {
  test('even when the destination takes nothing meanwhile', async (t) => {
    const node = await TestNode.start(t, { stdout: 'paused' })
    const pod = node.kubelet.startPod({ ...web, annotations: exclusion })
    const noise = node.kubelet.startPod(busy).container()
    await node.startAgent()
    await untilStuck(node, noise)
    await assertUnread(node, pod)
  })

  test('nor when it was found while the destination takes nothing', async (t) => {
    const node = await TestNode.start(t, { stdout: 'paused' })
    const noise = node.kubelet.startPod(busy).container()
    await node.startAgent()
    await untilStuck(node, noise)
    const pod = node.kubelet.startPod({ ...web, annotations: exclusion })
    await waitUntil('it is found', async () => (await report(node)).total.found === 2)
    await assertUnread(node, pod)
  })

  test('nor when it was excluded while the destination takes nothing', async (t) => {
    const node = await TestNode.start(t, { stdout: 'paused' })
    const pod = node.kubelet.startPod(web)
    const noise = node.kubelet.startPod(busy).container()
    await node.startAgent()
    await waitUntil('it is open', () => node.hasOpen(pod.container().logPath))
    await untilStuck(node, noise)
    pod.setMetadata({ annotations: exclusion })
    await letPass(node, TICK_MS)
    await assertUnread(node, pod)
  })

  async function assertUnread(node: TestNode, pod: ReturnType<TestNode['kubelet']['startPod']>): Promise<void> {
    pod.container().write('stdout', 'secret')
    await letPass(node, TICK_MS)
    pod.setMetadata({ annotations: {} })
    await letPass(node, TICK_MS)
    pod.container().write('stdout', 'no secret')
    node.readOn()
    await node.entry('no secret')
    assert.deepEqual(node.logs('web'), ['no secret'])
  }
})

describe('after a restart', { concurrency: 2 }, () => {
  test('nothing is passed over by startAt end when the state is damaged', async (t) => {
    const node = await TestNode.start(t, { config: { source: { startAt: 'end' } } })
    const container = node.kubelet.startPod(web).container()
    container.write('stdout', 'before the first start')
    await node.startAgent()
    await waitUntil('that is passed over', async () => (await report(node)).total.rows === 1)
    container.write('stdout', 'one')
    await node.entry('one')
    await node.stopAgent()
    container.write('stdout', 'while away')
    writeFileSync(join(node.root, 'state', 'positions.db'), 'garbage'.repeat(2000))
    await node.startAgent()
    await node.entry('while away')
    assert.ok(
      node.agentLog.some(
        ({ message }) => message === 'the file of positions is damaged or not one of Loggy: set aside',
      ),
    )
  })

  test('what was given up, begun or not, is neither read nor told again', async (t) => {
    const config = { source: { held: { maxBytes: '1Mi' } } }
    const node = await TestNode.start(t, { stdout: 'paused', config })
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    for (let round = 0; round < 2; round += 1) {
      container.write('stdout', `round ${round}`)
      await untilStuck(node, container)
      const { ino } = statSync(container.logPath)
      container.rotate()
      await waitUntil('it is given up', () => node.hasOpen(container.logPath) && !node.openLogs().includes(ino))
    }
    container.write('stdout', 'after')
    node.readOn()
    await node.entry('after')
    assert.equal(node.entries.filter(({ lost }) => lost !== undefined).length, 2)
    assert.ok(!node.logs().includes('round 1'))
    const before = node.entries.length
    await node.stopAgent()
    await node.startAgent()
    container.write('stdout', 'later')
    await node.entry('later')
    assert.equal(node.entries.length, before + 1)
  })
})

test('ten containers of 130 lines a second cost little', async (t) => {
  const node = await TestNode.start(t)
  const containers = Array.from({ length: 10 }, (_, index) =>
    node.kubelet.startPod({ ...web, name: `web-${index}` }).container(),
  )
  await node.startAgent()
  const pid = node.pid
  await writeFor(containers, 1000) // until the code is compiled
  const [startMs, startCpuMs] = [performance.now(), cpuMs(pid)]
  const lines = await writeFor(containers, 5000)
  const seconds = (performance.now() - startMs) / 1000
  const percent = (cpuMs(pid) - startCpuMs) / seconds / 10
  t.diagnostic(`${percent.toFixed(1)} % of a core at ${Math.round(lines / seconds)} lines/s`)
  assert.ok(percent < 40, `${percent} %`)
})

/** Returns how many lines it has written. */
async function writeFor(containers: readonly ContainerInstance[], milliseconds: number): Promise<number> {
  const startMs = performance.now()
  let lines = 0
  for (let nextMs = startMs; nextMs < startMs + milliseconds; nextMs += 1000 / 130) {
    await sleep(Math.max(0, nextMs - performance.now()))
    for (const container of containers) container.write('stdout', `line ${nextMs} ${'x'.repeat(100)}`)
    lines += containers.length
  }
  return lines
}

/** Writes more than the agent takes without a reader of its entries, and waits until it takes no more. */
async function untilStuck(node: TestNode, noise: ContainerInstance): Promise<void> {
  const block = Buffer.from(`2026-01-01T00:00:00.000000001Z stdout F ${'x'.repeat(200)}\n`.repeat(4000))
  for (let round = 0; round < 20; round += 1) noise.log.append(block)
  const bytesRead = async () => (await report(node)).containers.reduce((sum, { bytes }) => sum + bytes, 0)
  await waitUntil('the agent takes no more', async () => {
    const before = await bytesRead()
    await sleep(100)
    return before > 0 && before === (await bytesRead())
  })
}

/** User and system time of all its threads; the kernel shows ticks of 10 ms. */
function cpuMs(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [userTicks, systemTicks] = fields.split(' ').slice(11, 13).map(Number)
  return (Number(userTicks) + Number(systemTicks)) * 10
}
