import assert from 'node:assert/strict'
import { appendFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import type { Checkpoint } from '../../src/model/checkpoint.ts'
import { Source } from '../../src/source/source.ts'
import { cpuWaitMsOf } from '../support/process-usage.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

const name = `web_shop_app-${'a'.repeat(64)}.log`

/** A source on one file, whose clock can be put forward. */
async function setUp(t: TestContext, ofContainer: () => ReadonlyMap<string, Checkpoint> = () => new Map()) {
  const root = temporaryDirectory(t)
  const directory = join(root, 'containers')
  mkdirSync(directory)
  const path = join(directory, name)
  writeFileSync(path, 'first\n')
  let aheadMs = 0
  const clock = { ...systemClock, monotonic: () => performance.now() + aheadMs }
  const log = recordedLog()
  const source = new Source(
    {
      directory,
      startAt: 'beginning',
      held: { maxBytes: 1e9, maxFiles: 1000 },
      rotation: { maxBytes: 1e7, maxFiles: 5 },
      descriptorLimit: Infinity,
    },
    {
      admission: { admit: () => ({ kind: 'read' }) },
      bucketOf: () => undefined,
      checkpoints: { ofContainer, advance: () => {}, forget: () => {} },
      clock,
      log,
    },
  )
  await source.start()
  t.after(() => source.close())
  const seen: string[] = []
  const buffer = new Uint8Array(1 << 20)
  /** Gives every log that is ready its turns, until none is. */
  async function read(): Promise<void> {
    while (source.readyCount > 0) {
      const taken = await source.take(buffer, () => true)
      if (taken?.turn.kind !== 'chunk') continue
      const { bytes } = taken.turn.chunk
      seen.push(...Buffer.from(bytes).toString().trimEnd().split('\n'))
      await source.consume(taken.log, { byteCount: bytes.length, isBatchFull: false })
    }
  }
  const readUntil = (what: string, condition: () => boolean) =>
    waitUntil(what, async () => {
      await read()
      return condition()
    })
  /** Looks often enough in vain that the file is watched instead of polled. */
  async function becomeIdle(): Promise<void> {
    for (let look = 0; look < 10; look += 1) {
      await sleep(30)
      await read()
    }
  }
  return { root, path, source, log, seen, read, readUntil, becomeIdle, pass: (ms: number) => (aheadMs += ms) }
}

test('a log whose path cannot be looked at is not read to its end, and hinders no question about the others', async (t) => {
  const { root, source, seen, read, readUntil } = await setUp(t)
  await readUntil('the first line', () => seen.length === 1)
  const loop = join(root, 'loop')
  symlinkSync(loop, loop)
  symlinkSync(loop, join(root, 'containers', name.replace('web', 'bad')))
  await waitUntil('the link is found', () => source.counters.found === 2)
  await read()
  const reading = [...source.reading()].map(({ ref, isRead }) => [ref.pod, isRead])
  assert.deepEqual(Object.fromEntries(reading).bad, false)
})

test('a write that no event tells of is found by the sweep', async (t) => {
  const { root, path, source, seen, read, readUntil, becomeIdle, pass } = await setUp(t)
  await readUntil('the first line', () => seen.length === 1)
  await becomeIdle()
  appendFileSync(path, 'second\n')
  await readUntil('the second line, by an event', () => seen.length === 2)
  await becomeIdle()
  // The watch is on the folder: what is written by another name of the file is no event in it.
  linkSync(path, join(root, 'other-name'))
  await sleep(50)
  await read()
  appendFileSync(join(root, 'other-name'), 'third\n')
  await sleep(300)
  await read()
  assert.deepEqual(seen, ['first', 'second'])
  pass(31_000)
  await source.tend()
  await read()
  assert.deepEqual(seen, ['first', 'second', 'third'])
})

test('a log that grows and whose reading brings nothing is reported, opened anew, and read', async (t) => {
  const { path, source, log, seen, read, readUntil, pass } = await setUp(t)
  appendFileSync(path, 'second\n')
  await readUntil('the beginning', () => seen.length === 2)
  const sweep = async () => {
    pass(31_000)
    await source.tend()
    await read()
  }
  // Written anew in its place, with the same first line: neither inode, size nor first line tell it from one that has grown.
  writeFileSync(path, 'first\nand quite another line\n')
  await sweep()
  assert.deepEqual(seen, ['first', 'second'], 'what is there is not what was read before')
  assert.equal(source.counters.stuck, 0, 'it may have been written just now')
  await sweep()
  assert.equal(source.counters.stuck, 1)
  assert.deepEqual(
    log.lines.filter(({ level }) => level === 'warn').map(({ message, fields }) => [message, fields.path]),
    [['a log grows but was not read: reopening it', path]],
  )
  assert.deepEqual(seen, ['first', 'second', 'first', 'and quite another line'])
  appendFileSync(path, 'third\n')
  await readUntil('what comes after', () => seen.at(-1) === 'third')
  await sweep()
  await sweep()
  assert.equal(source.counters.stuck, 1, 'it is read again')
})

test('a log for which no descriptor was left is tried again soon, however often', async (t) => {
  let tries = 0
  const { seen, readUntil } = await setUp(t, () => {
    tries += 1
    if (tries <= 5) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    return new Map()
  })
  const nowMs = () => performance.now() - cpuWaitMsOf(process.pid)
  const startMs = nowMs()
  await readUntil('the first line', () => seen.length === 1)
  assert.ok(nowMs() - startMs < 3000, 'five tries a second apart, or more, take longer')
})
