import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { describeObstacle, Obstacles } from '../../src/source/obstacles.ts'
import { Source } from '../../src/source/source.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const COUNT = 20
const nobody = { user: 1000, groups: [1000, 1001] }

/** Links into a folder of pods that does not exist. */
function setUp(t: TestContext) {
  const root = temporaryDirectory(t)
  const [directory, pods] = [join(root, 'containers'), join(root, 'elsewhere')]
  mkdirSync(directory)
  const names = Array.from({ length: COUNT }, (_, number) => `web-${number}`)
  const targets = names.map((name) => join(pods, `shop_${name}_u-${name}`, 'app', '0.log'))
  for (const [index, name] of names.entries())
    symlinkSync(targets[index] ?? '', join(directory, `${name}_shop_app-${'a'.repeat(64)}.log`))
  const mount = () => {
    for (const target of targets) {
      mkdirSync(join(target, '..'), { recursive: true })
      writeFileSync(target, 'x\n')
    }
  }
  return { directory, pods, targets, mount }
}

test('one message tells what is in the way of many logs, another one that it is gone', (t) => {
  const { targets, pods, mount } = setUp(t)
  const log = recordedLog()
  const obstacles = new Obstacles(log, nobody)
  for (let look = 0; look < 3; look += 1) obstacles.look(targets)
  const why = `${COUNT} logs cannot be read: ${pods} does not exist for this process. Mount that folder of the host at the same path, read-only.`
  assert.deepEqual(obstacles.sentences, [why])
  mount()
  obstacles.look(targets)
  assert.deepEqual(obstacles.sentences, [])
  assert.deepEqual(
    log.lines.map(({ level, message, fields }) => [level, message, fields.why ?? fields.path]),
    [
      ['error', 'logs cannot be read', why],
      ['info', 'logs can be read again', pods],
    ],
  )
})

test('a permission that is missing is told with those of the folder and of the process, and what to do', (t) => {
  const path = join(temporaryDirectory(t), 'pods')
  mkdirSync(path)
  chmodSync(path, 0o750)
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const start = `1 log cannot be read: permission denied at ${path} (mode 0750, user ${own.uid}, group ${own.gid}) for user`
  assert.equal(
    describeObstacle({ kind: 'denied', path }, 1, nobody),
    `${start} 1000 with groups 1000, 1001. Run the agent as user ${own.uid} or with group ${own.gid}.`,
  )
  assert.match(
    describeObstacle({ kind: 'denied', path }, 1, { user: 1000, groups: [own.gid] }),
    /Its mode would allow it, so SELinux, AppArmor or a user namespace forbids it\.$/,
  )
})

test('a source tells of logs that lie on another mount, and reads them when it is there', async (t) => {
  const { directory, pods, mount } = setUp(t)
  let aheadMs = 0
  const clock = { ...systemClock, monotonic: () => performance.now() + aheadMs }
  const source = new Source(
    {
      directory,
      startAt: 'beginning',
      held: { maxBytes: 1e9, maxFiles: 1000 },
      descriptorLimit: Infinity,
      rotation: { maxBytes: 1e7, maxFiles: 5 },
    },
    {
      admission: { admit: () => ({ kind: 'read' }) },
      bucketOf: () => undefined,
      checkpoints: { ofContainer: () => new Map(), advance: () => {}, forget: () => {} },
      clock,
      log: recordedLog(),
    },
  )
  await source.start()
  t.after(() => source.close())
  let chunks = 0
  const read = async () => {
    const buffer = new Uint8Array(1 << 20)
    while (source.readyCount > 0) {
      const taken = await source.take(buffer, () => true)
      if (taken?.turn.kind !== 'chunk') continue
      chunks += 1
      await source.consume(taken.log, { byteCount: taken.turn.chunk.bytes.length, isBatchFull: false })
    }
  }
  await read()
  await source.tend()
  assert.equal(source.obstacles.length, 1)
  assert.match(source.obstacles[0] ?? '', new RegExp(`^${COUNT} logs cannot be read: ${pods} does not exist`))
  mount()
  aheadMs = 31_000
  await source.tend()
  await read()
  await source.tend()
  aheadMs = 62_000
  await source.tend()
  assert.deepEqual([source.obstacles, chunks], [[], COUNT])
})
