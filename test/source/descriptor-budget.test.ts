import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { Source } from '../../src/source/source.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

/** So many of the descriptors that may be used are for other things; a third of the rest for rotated files. */
const limitFor = (files: number) => 32 + files * 1.5

/** A source of so many logs, which may have fewer open. */
async function setUp(
  t: TestContext,
  { logs, limit, isEmpty = () => false }: { logs: number; limit: number; isEmpty?: (index: number) => boolean },
) {
  const directory = join(temporaryDirectory(t), 'containers')
  mkdirSync(directory)
  const paths = Array.from({ length: logs }, (_, index) =>
    join(directory, `web-${index}_shop_app-${'a'.repeat(64)}.log`),
  )
  for (const [index, path] of paths.entries()) writeFileSync(path, isEmpty(index) ? '' : `${index} first\n`)
  const log = recordedLog()
  const source = new Source(
    {
      directory,
      startAt: 'beginning',
      held: { maxBytes: 1e9, maxFiles: 1000 },
      rotation: { maxBytes: 1e7, maxFiles: 5 },
      descriptorLimit: limit,
    },
    {
      admission: { admit: () => ({ kind: 'read' }) },
      bucketOf: () => undefined,
      checkpoints: { ofContainer: () => new Map(), advance: () => {}, forget: () => {} },
      clock: systemClock,
      log,
    },
  )
  await source.start()
  t.after(() => source.close())
  const seen: string[] = []
  let mostOpen = 0
  const buffer = new Uint8Array(1 << 20)
  async function read(): Promise<void> {
    while (source.readyCount > 0) {
      const taken = await source.take(buffer, () => true)
      mostOpen = Math.max(mostOpen, openUnder(directory))
      if (taken?.turn.kind !== 'chunk') continue
      const { bytes } = taken.turn.chunk
      seen.push(
        ...Buffer.from(bytes)
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      )
      await source.consume(taken.log, { byteCount: bytes.length, isBatchFull: false })
    }
  }
  const readUntil = (what: string, condition: () => boolean) =>
    waitUntil(what, async () => {
      await read()
      return condition()
    })
  return { paths, source, log, seen, readUntil, mostOpen: () => mostOpen }
}

/** Descriptors of this process for files in that folder, deleted ones included. */
function openUnder(directory: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(directory)
    } catch {
      return false // the listing's own
    }
  }).length
}

const linesOf = (logs: number, text: string) => Array.from({ length: logs }, (_, index) => `${index} ${text}`)

test('reads more logs than may be open: those at rest are closed, and opened again when they grow', async (t) => {
  const { paths, source, log, seen, readUntil, mostOpen } = await setUp(t, { logs: 20, limit: limitFor(4) })
  await readUntil('the first lines', () => seen.length === 20)
  await readUntil('the others are closed', () => source.descriptors.parked >= 16)
  for (const [index, path] of paths.entries()) appendFileSync(path, `${index} second\n`)
  await readUntil('the second lines', () => seen.length === 40)
  assert.deepEqual(seen.toSorted(), [...linesOf(20, 'first'), ...linesOf(20, 'second')].toSorted())
  assert.ok(mostOpen() <= 4, `${mostOpen()} were open`)
  assert.equal(source.descriptors.unopened, 0)
  const told = log.lines.filter(({ level }) => level !== 'info').map(({ message }) => message.slice(0, 46))
  assert.deepEqual(told, ['the file descriptor limit is too low for all l'])
})

test('reads the others when more logs are empty than may be open, and these when they grow', async (t) => {
  const { paths, seen, readUntil } = await setUp(t, { logs: 20, limit: limitFor(4), isEmpty: (index) => index < 18 })
  await readUntil('the lines of those that have some', () => seen.length === 2)
  for (const [index, path] of paths.entries()) appendFileSync(path, `${index} second\n`)
  await readUntil('the second lines', () => seen.length === 22)
})

test('reads what was deleted while it was open, and finishes logs that were deleted while they were closed', async (t) => {
  const { paths, source, seen, readUntil } = await setUp(t, { logs: 20, limit: limitFor(4) })
  await readUntil('the first lines', () => seen.length === 20)
  for (const path of paths.slice(0, 15)) rmSync(path)
  await readUntil('the end of 15', () => source.counters.finished === 15)
  for (const [index, path] of paths.entries()) if (index >= 15) appendFileSync(path, `${index} second\n`)
  await readUntil('the second lines', () => seen.length === 25)
})

test('loses no rotated file that is on disk, however few may be open', async (t) => {
  const { paths, source, seen, readUntil } = await setUp(t, { logs: 4, limit: limitFor(4) })
  for (const path of paths)
    for (let number = 0; number < 5; number += 1)
      writeFileSync(`${path}.20260101-00000${number}`, `${path} ${number}\n`)
  for (let time = 0; time < 3; time += 1) await source.tend()
  assert.ok(openUnder(dirname(paths[0] as string)) <= 6)
  await readUntil('all lines', () => seen.length === 24)
})

test('says how many logs wait while all that are open have something to read', async (t) => {
  const { source, seen, readUntil } = await setUp(t, { logs: 6, limit: limitFor(4) })
  const buffer = new Uint8Array(1 << 20)
  for (let turn = 0; turn < 6; turn += 1) {
    const taken = await source.take(buffer, () => true)
    if (taken !== undefined) await source.consume(taken.log, { byteCount: 0, isBatchFull: true })
  }
  for (let turn = 0; turn < 6; turn += 1) await source.tend()
  assert.equal(source.descriptors.unopened, 2)
  await readUntil('all lines', () => new Set(seen).size === 6)
  assert.equal(source.descriptors.unopened, 0)
})

test('has no limit where the system sets none', async (t) => {
  const { source, seen, readUntil, mostOpen } = await setUp(t, { logs: 20, limit: Infinity })
  await readUntil('the first lines', () => seen.length === 20)
  assert.deepEqual([mostOpen(), source.descriptors.parked], [20, 0])
})
