import assert from 'node:assert/strict'
import { existsSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'
import { ByteRanges } from '../../src/lib/byte-ranges.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { at, KeptLog, ManualClock, upTo } from './support.ts'

const GRACE_MS = 3_600_000
const MINUTE_MS = 60_000

test('gives back after a restart what was advanced before', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await opened(t, directory)
  first.store.advance('a/1', upTo(10, 20))
  first.store.advance('a/1', upTo(30, 20))
  first.store.advance('b/2', upTo(2 ** 52), { end: 2 ** 52 })
  first.store.close()
  const second = await opened(t, directory)
  assert.deepEqual(second.store.get('a/1'), at(30, 20))
  assert.deepEqual(second.store.get('b/2'), at(2 ** 52, 2 ** 52, true))
  assert.equal(second.store.get('a/2'), undefined)
  assert.deepEqual(second.store.counters, { rows: 2, flushes: 0, failures: 0, setAside: 0 })
  assert.deepEqual(second.log.lines, ['info: positions read'])
})

test('gives back what was settled ahead, whatever the order, and takes it up when the gap closes', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await opened(t, directory)
  const [a, b, c] = [
    { from: 0, to: 100 },
    { from: 100, to: 200 },
    { from: 300, to: 400 },
  ]
  first.store.advance('a/1', { stdout: c, stderr: b })
  first.store.advance('a/1', { stdout: b, stderr: c })
  first.store.close()
  const second = await opened(t, directory)
  const ahead = { stdout: ByteRanges.none.with(c).with(b), stderr: ByteRanges.none.with(b).with(c), isDone: false }
  assert.deepEqual(second.store.get('a/1'), ahead)
  second.store.advance('a/1', { stdout: a, stderr: a })
  assert.equal(second.store.get('a/1')?.stdout.head, 200)
  second.store.advance('a/1', { stdout: { from: 200, to: 300 }, stderr: { from: 200, to: 350 } })
  second.store.close()
  assert.deepEqual((await opened(t, directory)).store.get('a/1'), at(400, 400))
})

test('gives back the place of a file, which it keeps whatever is settled, with and without gaps', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await opened(t, directory)
  first.store.advance('a/1', upTo(0), { order: 7 })
  first.store.advance('a/1', upTo(10, 20))
  first.store.advance('b/1', { stdout: { from: 5, to: 9 }, stderr: { from: 0, to: 0 } }, { order: 8 })
  first.store.close()
  const { store } = await opened(t, directory)
  assert.deepEqual(store.get('a/1'), { ...at(10, 20), order: 7 })
  assert.deepEqual(store.get('b/1'), { ...at(0, 0), stdout: ByteRanges.none.with({ from: 5, to: 9 }), order: 8 })
})

test('calls a file done when all up to its end is settled, whichever ack comes last', async (t) => {
  const { store } = await opened(t, temporaryDirectory(t))
  const range = (from: number, to: number) => ({ stdout: { from, to }, stderr: { from, to } })
  const isDone = (key: string) => store.get(key)?.isDone
  store.advance('in order', upTo(100))
  assert.equal(isDone('in order'), false)
  store.advance('in order', range(100, 100), { end: 100 })
  assert.equal(isDone('in order'), true)
  store.advance('end first', range(100, 200), { end: 200 })
  assert.equal(isDone('end first'), false)
  store.advance('end first', { stdout: { from: 0, to: 100 }, stderr: { from: 0, to: 50 } })
  assert.equal(isDone('end first'), false)
  store.advance('end first', { stdout: { from: 0, to: 0 }, stderr: { from: 50, to: 100 } })
  assert.equal(isDone('end first'), true)
  store.advance('given up unread', range(0, 0), { end: 0 })
  assert.equal(isDone('given up unread'), true)
})

test('makes the directory, and its parents, when there is none', async (t) => {
  const directory = join(temporaryDirectory(t), 'var', 'lib')
  const { store, log } = await opened(t, directory)
  store.advance('a/1', upTo(1, 0))
  store.close()
  assert.ok(existsSync(join(directory, 'positions.db')))
  assert.deepEqual(log.lines, ['info: positions read'])
})

test('writes all that was advanced within 100 ms as one transaction, without being asked', async (t) => {
  const { store, clock } = await opened(t, temporaryDirectory(t))
  for (let n = 0; n < 50; n += 1) store.advance(`a/${n}`, upTo(n, 0))
  await clock.pass(99)
  assert.equal(store.counters.flushes, 0)
  await clock.pass(1)
  assert.equal(store.counters.flushes, 1)
})

test('has no timer while nothing has changed', async (t) => {
  const { store, clock } = await opened(t, temporaryDirectory(t))
  assert.equal(clock.sleepers, 0)
  store.advance('a/1', upTo(1, 0))
  await clock.pass(100)
  assert.equal(clock.sleepers, 0)
  store.flush()
  assert.equal(store.counters.flushes, 1)
})

test('forgets a file that was missing for the grace period, in memory and on disk', async (t) => {
  const directory = temporaryDirectory(t)
  const { store, clock } = await opened(t, directory)
  store.advance('gone/1', upTo(1, 0))
  store.advance('here/1', upTo(2, 0))
  store.seen(['here/1'])
  await clock.pass(GRACE_MS - 1)
  store.seen(['here/1'])
  assert.deepEqual(store.get('gone/1'), at(1, 0))
  await clock.pass(1)
  store.seen(['here/1'])
  assert.equal(store.get('gone/1'), undefined)
  await clock.pass(100)
  store.close()
  const again = await opened(t, directory)
  assert.equal(again.store.get('gone/1'), undefined)
  assert.deepEqual(again.store.get('here/1'), at(2, 0))
})

test('counts the grace period anew when a file comes back or moves on', async (t) => {
  const { store, clock } = await opened(t, temporaryDirectory(t))
  store.advance('seen/1', upTo(1, 0))
  store.advance('advanced/1', upTo(1, 0))
  store.seen([])
  await clock.pass(GRACE_MS - 1)
  store.seen(['seen/1'])
  store.advance('advanced/1', upTo(2, 0))
  await clock.pass(GRACE_MS - 1)
  store.seen([])
  assert.deepEqual([store.get('seen/1'), store.get('advanced/1')], [at(1, 0), at(2, 0)])
})

test('forgets nothing after a long downtime until the files were missed for the grace period', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await opened(t, directory)
  first.store.advance('a/1', upTo(1, 0))
  first.store.close()
  await first.clock.pass(30 * GRACE_MS)
  const second = await opened(t, directory, { clock: first.clock })
  second.store.seen([])
  assert.deepEqual(second.store.get('a/1'), at(1, 0))
})

test('does not grow with pod churn, and gives the space of a burst back', async (t) => {
  const directory = temporaryDirectory(t)
  const { store, clock } = await opened(t, directory)
  const sizes: number[] = []
  for (let minute = 0; minute < 150; minute += 1) {
    const isBurst = minute === 20
    const keys = Array.from({ length: isBurst ? 20_000 : 60 }, (_, n) => `2f1c0b9a-${minute}-4a77-8b6e/app/${n}`)
    for (const key of keys) store.advance(key, upTo(minute, 0))
    store.seen(keys)
    await clock.pass(MINUTE_MS)
    sizes.push(statSync(join(directory, 'positions.db')).size)
  }
  store.close()
  assert.ok(Math.max(...sizes) > 1_000_000, 'the burst shows')
  assert.ok(statSync(join(directory, 'positions.db')).size < 1_000_000)
  assert.ok(store.counters.rows <= 62 * 60)
})

test('works in memory while the directory cannot be made, says so once, and stores all as soon as it can', async (t) => {
  const obstacle = join(temporaryDirectory(t), 'file')
  writeFileSync(obstacle, '')
  const directory = join(obstacle, 'state')
  const { store, log, clock } = await opened(t, directory)
  store.advance('a/1', upTo(1, 0))
  for (let n = 0; n < 5; n += 1) await clock.pass(10_000)
  store.advance('b/1', upTo(2, 0))
  store.flush()
  assert.deepEqual(store.get('a/1'), at(1, 0))
  assert.equal(store.counters.failures, 7)
  const failed = 'error: positions cannot be stored: kept in memory; retrying'
  assert.deepEqual(log.lines, [failed, 'info: positions read'])

  rmSync(obstacle)
  await clock.pass(10_000)
  assert.deepEqual(log.lines.slice(2), ['info: positions are stored again'])
  store.close()
  const again = await opened(t, directory)
  assert.deepEqual([again.store.get('a/1'), again.store.get('b/1')], [at(1, 0), at(2, 0)])
})

test('tries again soon after each first failure, however long an earlier episode was', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store, clock } = await opened(t, directory)
  for (let episode = 0; episode < 2; episode += 1) {
    rmSync(directory, { recursive: true })
    writeFileSync(directory, '')
    store.advance('a/1', upTo(episode, 0))
    await clock.pass(100)
    const { failures } = store.counters
    await clock.pass(200)
    assert.equal(store.counters.failures, failures + 1, `episode ${episode}`)
    for (let n = 0; n < 6; n += 1) await clock.pass(10_000)
    rmSync(directory)
    await clock.pass(10_000)
    assert.equal(existsSync(directory), true)
  }
})

test('gives the files of a container, those included that came after it was asked', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store } = await opened(t, directory)
  const keys = () => [...store.ofContainer('uid/app/').keys()]
  store.advance('uid/app/1', upTo(1, 0))
  store.advance('uid/other/1', upTo(1, 0))
  assert.deepEqual(keys(), ['uid/app/1'])
  store.advance('uid/app/2', upTo(2, 0))
  assert.deepEqual(keys(), ['uid/app/1', 'uid/app/2'])
  store.forget('uid/app/1')
  assert.deepEqual(keys(), ['uid/app/2'])
  // As when another agent, which had the directory, has ended: its latest is read once it has gone.
  const another = join(temporaryDirectory(t), 'another')
  const { store: latest } = await opened(t, another)
  latest.advance('uid/app/3', upTo(3, 0))
  latest.close()
  store.flush()
  rmSync(directory, { recursive: true })
  renameSync(another, directory)
  store.advance('uid/app/2', upTo(4, 0))
  store.flush()
  assert.deepEqual(keys().toSorted(), ['uid/app/2', 'uid/app/3'])
})

test('reports each episode of failures', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store, log } = await opened(t, directory)
  for (let n = 1; n <= 2; n += 1) {
    rmSync(directory, { recursive: true })
    writeFileSync(directory, '')
    store.advance('a/1', upTo(n, 0))
    store.flush()
    store.flush()
    rmSync(directory)
    store.flush()
  }
  assert.equal(log.lines.filter((line) => line.startsWith('error')).length, 2)
  assert.equal(log.lines.filter((line) => line.endsWith('stored again')).length, 2)
})

test('reports each kind of failure of an episode, once', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store, log } = await opened(t, directory)
  store.advance('a/1', upTo(1, 0))
  rmSync(directory, { recursive: true })
  for (let n = 0; n < 2; n += 1) {
    writeFileSync(directory, '')
    store.flush()
    rmSync(directory)
    symlinkSync('state', directory) // to itself
    store.flush()
    rmSync(directory)
  }
  assert.equal(log.lines.filter((line) => line.startsWith('error')).length, 2)
  store.flush()
  assert.equal(log.lines.at(-1), 'info: positions are stored again')
})

test('writes everything anew when the file is removed or replaced while it is in use', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store } = await opened(t, directory)
  store.advance('a/1', upTo(1, 0))
  store.flush()
  rmSync(directory, { recursive: true })
  store.advance('b/1', upTo(2, 0))
  store.flush()
  store.close()
  const again = await opened(t, directory)
  assert.deepEqual([again.store.get('a/1'), again.store.get('b/1')], [at(1, 0), at(2, 0)])
})

test('does not remember again what it forgot while it could not write', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store, clock } = await opened(t, directory)
  store.advance('gone/1', upTo(1, 0))
  store.flush()
  store.seen([])
  renameSync(directory, `${directory}.away`)
  writeFileSync(directory, '')
  await clock.pass(GRACE_MS)
  store.seen([])
  await clock.pass(100)
  assert.equal(store.counters.failures, 1)
  rmSync(directory)
  renameSync(`${directory}.away`, directory)
  store.flush()
  assert.equal(store.get('gone/1'), undefined)
  store.close()
  assert.equal((await opened(t, directory)).store.counters.rows, 0)
})

test('leaves the disk alone once closed', async (t) => {
  const directory = join(temporaryDirectory(t), 'state')
  const { store, clock } = await opened(t, directory)
  store.close()
  rmSync(directory, { recursive: true })
  store.advance('a/1', upTo(1, 0))
  store.flush()
  store.seen([])
  store.close()
  assert.equal(clock.sleepers, 0)
  assert.equal(existsSync(directory), false)
})

test('opens ten thousand rows in a moment', async (t) => {
  const directory = temporaryDirectory(t)
  const { store } = await opened(t, directory)
  for (let n = 0; n < 10_000; n += 1)
    store.advance(`2f1c0b9a-1d2e-4a77-8b6e-1f0c9e8d7a6b/app/${n}/9e107d9d372bb682`, upTo(n, n))
  store.close()
  const durations: number[] = []
  for (let n = 0; n < 3; n += 1) {
    const before = process.cpuUsage()
    const again = await opened(t, directory)
    const { user, system } = process.cpuUsage(before)
    durations.push((user + system) / 1000)
    assert.equal(again.store.counters.rows, 10_000)
    again.store.close()
  }
  assert.ok(Math.min(...durations) < 150, `${durations} ms of CPU`) // 30 ms alone on a core; a busy machine takes more for the same
})

async function opened(t: TestContext, directory: string, { clock = new ManualClock() } = {}) {
  const log = new KeptLog()
  const store = await CheckpointStore.open(directory, { clock, log, graceMs: GRACE_MS, lockWaitMs: 0 })
  t.after(() => store.close())
  return { store, log, clock }
}
