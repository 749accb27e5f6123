import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Admitted } from '../../src/model/admitted.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import { Source } from '../../src/source/source.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

const [oldID, newID, newestID] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)]
/** A descriptor limit with which so many logs may be open. */
const FOUR_LOGS = 33
const linkName = (id: string) => `web_shop_app-${id}.log`

test('the newest link leads there by another path and has its turn first: it goes on where the old one was left', async (t) => {
  const { path, folder, link, start } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const before = await start()
  assert.deepEqual(await before.giveTurns([oldID]), ['first'])
  await before.source.close()
  const detour = join(folder, '1.log')
  symlinkSync('0.log', detour)
  link(newID, detour)
  appendFileSync(path, 'second\n')
  const { giveTurns } = await start()
  assert.deepEqual(await giveTurns([newID]), ['second'])
  assert.deepEqual(await giveTurns([newID, oldID]), [])
})

test('the newest link comes when only the old one has the deleted file: that is read first', async (t) => {
  const { path, link, start } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const { source, giveTurns } = await start()
  assert.deepEqual(await giveTurns([oldID]), ['first'])
  appendFileSync(path, 'second\n')
  rmSync(path)
  appendFileSync(path, 'third\n')
  link(newID, path)
  await waitUntil('the newest link is found', () => source.counters.found === 2)
  assert.deepEqual(await giveTurns([newID]), [])
  const lines: string[] = []
  await waitUntil('all is read', async () => {
    lines.push(...(await giveTurns([newID, oldID])))
    await sleep(10)
    return lines.length === 2
  })
  assert.deepEqual(lines, ['second', 'third'])
})

test('a third link comes while the second one waits for the first: what only these two have is read once', async (t) => {
  const { path, link, start } = await setUp(t)
  const rotated = `${path}.20261129-063011`
  appendFileSync(rotated, 'first\n')
  appendFileSync(path, 'second\n')
  link(oldID, path)
  await sleep(20) // file systems count in ticks
  link(newID, path)
  const { source, giveTurns } = await start()
  assert.deepEqual(await giveTurns([oldID], 1), [])
  assert.deepEqual(await giveTurns([newID]), [])
  rmSync(rotated)
  await sleep(20)
  link(newestID, path)
  await waitUntil('the third link is found', () => source.counters.found === 3)
  assert.deepEqual(await giveTurns([newestID]), [])
  const lines: string[] = []
  await waitUntil('all is read and all others are closed', async () => {
    lines.push(...(await giveTurns([newestID, newID, oldID])))
    await sleep(10)
    return lines.length >= 2 && source.counters.finished === 2
  })
  assert.deepEqual(lines, ['first', 'second'])
})

test('what the old link still has of a deleted file is not left to a new one that only knows it from an earlier run', async (t) => {
  const { path, link, unlink, start, readByNew } = await setUp(t)
  const before = await readByNew('first\nbegun')
  await before.close()
  const rotated = `${path}.20261129-063011`
  renameSync(path, rotated)
  appendFileSync(path, 'second\n')
  unlink(newID)
  const { source, giveTurns, left } = await start()
  await giveTurns([oldID], 1)
  rmSync(rotated)
  link(newID, path)
  await waitUntil('the new link is found', () => source.counters.found === 2)
  assert.deepEqual(await giveTurns([newID]), [])
  await waitUntil('the old link has read it to its end', async () => {
    await giveTurns([oldID])
    return left.length === 1
  })
  assert.deepEqual(left, [{ canRead: [false] }])
})

test('after a restart the old link has its turn first: what an earlier run has read for the new one is not read again', async (t) => {
  const { path, start, readByNew } = await setUp(t)
  const before = await readByNew('first\n')
  renameSync(path, `${path}.20261129-063011`)
  appendFileSync(path, 'second\n')
  await before.close()
  const { giveTurns } = await start()
  const lines: string[] = []
  await waitUntil('the new file is read', async () => {
    lines.push(...(await giveTurns([oldID, newID])))
    await sleep(10)
    return lines.includes('second')
  })
  assert.deepEqual(lines, ['second'])
})

test('no agent runs while the old link is replaced: what was delivered through it is not read again', async (t) => {
  const { path, folder, link, unlink, start } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const before = await start()
  assert.deepEqual(await before.giveTurns([oldID]), ['first'])
  await before.source.close()
  unlink(oldID)
  const detour = join(folder, '1.log')
  symlinkSync('0.log', detour)
  link(newID, detour)
  appendFileSync(path, 'second\n')
  const after = await start()
  assert.deepEqual(await after.giveTurns([newID]), ['second'])
  await after.source.close()
  assert.deepEqual(await (await start()).giveTurns([newID]), [])
})

test('the agent is killed as soon as it sees the newest link, and the old one is gone at the next start: nothing is read again, and what is deleted is not told as lost', async (t) => {
  const { path, link, unlink, start } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const before = await start()
  assert.deepEqual(await before.giveTurns([oldID]), ['first'])
  await before.source.close()
  link(newID, path)
  const killed = await start()
  assert.deepEqual(await killed.giveTurns([newID], 1), [])
  await killed.source.close()
  unlink(oldID)
  const after = await start()
  assert.deepEqual(await after.giveTurns([newID]), [])
  await after.source.close()
  rmSync(path)
  appendFileSync(path, 'second\n')
  unlink(newID)
  link(newestID, path)
  const last = await start()
  assert.deepEqual(await last.giveTurns([newestID]), ['second'])
  assert.deepEqual(last.losses, [])
})

test('a new instance of the container begins with the same long line, whose time docker puts at its end: all of it is read', async (t) => {
  const { path, folder, link, start } = await setUp(t)
  const banner = `{"log":"Picked up JAVA_TOOL_OPTIONS: ${'-Dsome.option=value '.repeat(60)}\\n","stream":"stdout","time":`
  const run = (day: number) => [`${banner}"2026-11-${day}T07:00:00.123456789Z"}`, `day ${day}`]
  appendFileSync(path, `${run(20).join('\n')}\n`)
  link(oldID, path)
  const { source, giveTurns } = await start()
  assert.deepEqual(await giveTurns([oldID]), run(20))
  const next = join(folder, '1.log')
  appendFileSync(next, `${run(21).join('\n')}\n`)
  link(newID, next)
  await waitUntil('the new link is found', () => source.counters.found === 2)
  assert.deepEqual(await giveTurns([newID]), run(21))
})

test('the old link lost sight of a file and took it for finished: what is written to it later is read, also once it is rotated', async (t) => {
  const { path, link, unlink, start, checkpoints } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const before = await start()
  assert.deepEqual(await before.giveTurns([oldID]), ['first'])
  await before.source.close()
  for (const key of checkpoints.ofContainer('1234/app/').keys())
    checkpoints.advance(key, { stdout: { from: 0, to: 6 }, stderr: { from: 0, to: 6 } }, { end: 6 })
  unlink(oldID)
  link(newID, path)
  appendFileSync(path, 'second\n')
  const { source, giveTurns } = await start()
  assert.deepEqual(await giveTurns([newID]), ['second'])
  await source.close()
  appendFileSync(path, 'third\n')
  renameSync(path, `${path}.20261129-063011`)
  appendFileSync(path, 'fourth\n')
  const after = await start()
  const lines: string[] = []
  await waitUntil('the new file is read', async () => {
    lines.push(...(await after.giveTurns([newID])))
    await sleep(10)
    return lines.includes('fourth')
  })
  assert.deepEqual(lines, ['third', 'fourth'])
})

test('after a restart without descriptors: what an earlier run has read for the new link, which cannot open its files yet, is not read again', async (t) => {
  const { path, start, readByNew, addOthers } = await setUp(t)
  const before = await readByNew('first\n')
  await before.close()
  renameSync(path, `${path}.20261129-063011`)
  appendFileSync(path, 'second\n')
  const others = addOthers('of another\n'.repeat(100_000))
  const { source, giveTurns } = await start({ descriptorLimit: FOUR_LOGS })
  for (const other of others) await giveTurns([other], 1)
  await giveTurns([newID])
  assert.equal(source.descriptors.unopened, 1)
  const lines: string[] = []
  const untilRead = async () => {
    await giveTurns(others.slice(0, 2)) // once they are at rest they give their descriptors back
    lines.push(...(await giveTurns([oldID])), ...(await giveTurns([newID])))
    await sleep(10)
    return lines.includes('second')
  }
  // The old link's log opens no file, so it needs no descriptor to be closed: nobody waits 30 s for it.
  await waitUntil('the new file is read', untilRead, 20_000)
  assert.deepEqual(lines, ['second'])
})

test('a log is closed for lack of descriptors, and its pod is deleted while the new link, which has the file open, waits for metadata: nothing is read again', async (t) => {
  const { path, link, unlink, start, addOthers } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const others = addOthers('of another\n')
  let isKnown = false
  const admit = ({ containerID }: ContainerRef): Admitted =>
    containerID === newID && !isKnown ? { kind: 'wait', forMs: 10 } : { kind: 'read' }
  const { source, giveTurns } = await start({ descriptorLimit: FOUR_LOGS, admit })
  assert.deepEqual(await giveTurns([oldID]), ['first'])
  const isParked = async () => (await source.status()).some((one) => one.path === path && one.openFiles === 0)
  await waitUntil('the log is closed', async () => {
    await giveTurns([oldID])
    await giveTurns(others)
    await sleep(10)
    return await isParked()
  })
  link(newID, path)
  await waitUntil('the new link is found', () => source.counters.found === 6)
  assert.deepEqual(await giveTurns([newID]), [])
  rmSync(path)
  isKnown = true
  await sleep(10)
  const lines = await giveTurns([newID])
  for (const id of [oldID, newID]) unlink(id)
  await waitUntil('both are closed', async () => {
    lines.push(...(await giveTurns([newID, oldID])))
    await sleep(10)
    return source.counters.finished === 2
  })
  assert.deepEqual(lines, [])
})

test('the newest link, by another path, comes between two steps of a rotation: it is known to lead to the same log', async (t) => {
  const { path, folder, link, log, start } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  const { source, giveTurns } = await start()
  assert.deepEqual(await giveTurns([oldID]), ['first'])
  renameSync(path, `${path}.20261129-063011`)
  const detour = join(folder, '1.log')
  symlinkSync('0.log', detour)
  link(newID, detour)
  await waitUntil('the newest link is found', () => source.counters.found === 2)
  assert.deepEqual(await giveTurns([newID]), [])
  appendFileSync(path, 'second\n')
  const lines: string[] = []
  await waitUntil('it is known', async () => {
    lines.push(...(await giveTurns([newID])))
    await sleep(10)
    return lines.length > 0 || log.lines.some(({ message }) => message.startsWith('two links lead to one log'))
  })
  await waitUntil('the new file is read', async () => {
    lines.push(...(await giveTurns([newID, oldID])))
    await sleep(10)
    return lines.includes('second')
  })
  assert.deepEqual(lines, ['second'])
})

/** A folder of links. `start` makes a source; its `giveTurns` gives those logs their turns, so many or until none is ready, and settles what they read. */
async function setUp(t: TestContext) {
  const root = temporaryDirectory(t)
  const [directory, folder] = [join(root, 'containers'), join(root, 'pods/shop_web_1234/app')]
  mkdirSync(directory)
  mkdirSync(folder, { recursive: true })
  const log = recordedLog()
  const checkpoints = await CheckpointStore.open(join(root, 'state'), { clock: systemClock, log, graceMs: 60_000 })
  t.after(() => checkpoints.close())
  const link = (id: string, target: string) => symlinkSync(target, join(directory, linkName(id)))
  const unlink = (id: string) => rmSync(join(directory, linkName(id)))

  async function start({
    descriptorLimit = Number.POSITIVE_INFINITY,
    admit = (_: ContainerRef): Admitted => ({ kind: 'read' }),
  } = {}) {
    const source = new Source(
      {
        directory,
        startAt: 'beginning',
        held: { maxBytes: 1e9, maxFiles: 1000 },
        rotation: { maxBytes: 1e7, maxFiles: 5 },
        descriptorLimit,
      },
      {
        admission: { admit },
        bucketOf: () => undefined,
        checkpoints,
        clock: systemClock,
        log,
      },
    )
    await source.start()
    t.after(() => source.close())
    const files = new Set<LogFile>()
    /** The logs that were left, and whether the ones that go on can read the files that were read. */
    const left: { canRead: boolean[] }[] = []
    const losses: string[] = []
    const giveTurns = async (ids: readonly string[], turns = Number.POSITIVE_INFINITY) => {
      const lines: string[] = []
      source.release()
      for (let turn = 0; turn < turns && source.readyCount > 0; turn += 1) {
        const taken = await source.take(new Uint8Array(1 << 20), ({ containerID = '' }) => ids.includes(containerID))
        if (taken?.turn.kind === 'closed' && taken.turn.leaving !== undefined) {
          const { leaving } = taken.turn
          left.push({ canRead: [...files].map((file) => leaving.canRead(file)) })
          leaving.left(() => true)
        }
        if (taken?.turn.kind === 'lost') losses.push(taken.turn.reason)
        if (taken?.turn.kind !== 'chunk') continue
        const { bytes, offset, file } = taken.turn.chunk
        files.add(file)
        lines.push(...Buffer.from(bytes).toString().split('\n').slice(0, -1))
        await source.consume(taken.log, { byteCount: bytes.length, isBatchFull: false })
        const settling = { from: offset, to: offset + bytes.length }
        if (file.key !== undefined) checkpoints.advance(file.key, { stdout: settling, stderr: settling })
      }
      return lines
    }
    return { source, giveTurns, left, losses }
  }

  const path = join(folder, '0.log')
  /** Both links lead to a log with that text, of which the new one's has read the first line. The source is still open. */
  const readByNew = async (text: string) => {
    appendFileSync(path, text)
    link(oldID, path)
    await sleep(20)
    link(newID, path)
    const { source, giveTurns } = await start()
    assert.deepEqual(await giveTurns([newID]), ['first'])
    return source
  }
  /** So many other logs as may be open, each with that text. Returns what their links are called by. */
  const addOthers = (text: string) =>
    ['1', '2', '3', '4'].map((digit) => {
      const other = join(folder, `${digit}.log`)
      appendFileSync(other, `${digit}${text}`)
      link(digit.repeat(64), other)
      return digit.repeat(64)
    })

  return { path, folder, link, unlink, log, checkpoints, start, readByNew, addOthers }
}
