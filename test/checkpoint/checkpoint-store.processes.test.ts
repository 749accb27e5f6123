import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type Answer, type Command, KEYS, TICK_MS } from './store-protocol.ts'
import { KeptLog } from './support.ts'

const FAILED = 'error: positions cannot be stored: kept in memory; retrying'
const RECOVERED = 'info: positions are stored again'
const READ = 'info: positions read'
const WAITING = 'warn: another process has the state directory: waiting for it'

/** In ticks, so that a process that gets no time from the machine is not blamed for it. */
const STORED_AFTER_TICKS = 200 / TICK_MS + 5

test('SIGKILL at any moment: what was advanced 200 ms before is there, and nothing that was not advanced', async (t) => {
  const directory = temporaryDirectory(t)
  let tick = 1
  // On a busy machine a process has few ticks before it is killed, so there are more rounds.
  for (let round = 0; round < 8 || (round < 60 && tick <= 2 * STORED_AFTER_TICKS); round += 1) {
    const child = await startStore(t, directory)
    const ticks = child.run(tick)
    await sleep(20 + Math.random() * 450)
    await child.kill()
    const last = ticks.at(-1) ?? tick - 1
    const store = await CheckpointStore.open(directory, { clock: systemClock, log: new KeptLog(), graceMs: 1000 })
    for (let key = 0; key < KEYS; key += 1) {
      const stored = store.get(`key/${key}`)?.stdout.head ?? 0
      // The latest tick of this key that the process had well behind it; what earlier rounds lost is behind this round's start.
      const settled = latestTick(key, last - STORED_AFTER_TICKS)
      if (settled >= tick)
        assert.ok(stored >= settled, `round ${round}, key ${key}: ${stored} of ${settled}, killed at ${last}`)
      assert.ok(
        stored <= last && (stored === 0 || stored % KEYS === key),
        `round ${round}, key ${key}: ${stored} > ${last}`,
      )
    }
    assert.equal(store.counters.setAside, 0)
    store.close()
    tick = last + 1
  }
  assert.ok(tick > 2 * STORED_AFTER_TICKS, `only ${tick} ticks`)
})

test('a second agent waits for the first to let go', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await startStore(t, directory)
  await first.ask({ is: 'advance', key: 'a', stdout: 1 })
  const waiting = Promise.withResolvers<void>()
  const starting = startStore(t, directory, 60_000, undefined, waiting.resolve)
  await waiting.promise
  await first.ask({ is: 'close' })
  const second = await starting
  assert.deepEqual((await second.ask({ is: 'get', key: 'a' })).stdout, 1)
  assert.deepEqual((await second.ask({ is: 'flush' })).log, [WAITING, READ])
})

test('a second agent that waited in vain works in memory, from what it can read, and takes over from the first', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await startStore(t, directory)
  await first.ask({ is: 'advance', key: 'a', stdout: 1 })
  await first.ask({ is: 'advance', key: 'b', stdout: 1 })
  await first.ask({ is: 'flush' })
  await first.ask({ is: 'seen' })

  const second = await startStore(t, directory, 200)
  assert.deepEqual((await second.ask({ is: 'get', key: 'a' })).stdout, 1)
  await second.ask({ is: 'advance', key: 'a', stdout: 2 })
  await first.ask({ is: 'advance', key: 'b', stdout: 3 })
  await first.ask({ is: 'advance', key: 'c', stdout: 4 })
  const fromFirst = await first.ask({ is: 'flush' })
  assert.deepEqual(fromFirst.log, [READ])
  const { counters, log } = await second.ask({ is: 'flush' })
  assert.deepEqual(log, [WAITING, FAILED, READ])
  assert.ok(counters.failures > 0 && counters.flushes === 0)

  await first.kill()
  await waitUntil('the second takes over', async () => (await second.ask({ is: 'get', key: 'c' })).stdout === 4, 30_000)
  assert.equal((await second.ask({ is: 'flush' })).log.at(-1), RECOVERED)
  await second.kill()
  const database = new DatabaseSync(join(directory, 'positions.db'))
  assert.equal(database.prepare('pragma integrity_check').get()?.integrity_check, 'ok')
  const rows = database.prepare('select key, stdout from positions order by key').all()
  database.close()
  // Of b the second had an older position: older is safe.
  assert.deepEqual(Object.fromEntries(rows.map((row) => [row.key, row.stdout])), { a: 2, b: 1, c: 4 })
})

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
const needsMount = canMount ? {} : { skip: 'needs the right to mount' }

test('a full disk: keeps all in memory, reports it once, and stores it when there is space', needsMount, async (t) => {
  const directory = temporaryDirectory(t)
  const child = await startStore(t, directory, 0, { size: '512k' })
  await child.ask({ is: 'advance', key: 'before', stdout: 1 })
  await child.ask({ is: 'flush' })
  const filler = join(child.mount, 'filler')
  assert.throws(() => writeFileSync(filler, Buffer.alloc(1 << 20)), { code: 'ENOSPC' })
  for (let n = 0; n < 2000; n += 1) await child.ask({ is: 'advance', key: `while full/${n}`, stdout: n })
  await child.ask({ is: 'flush' })
  const full = await child.ask({ is: 'flush' })
  assert.deepEqual(full.log, [READ, FAILED])
  assert.ok(full.counters.failures >= 2)

  rmSync(filler)
  await waitUntil('recovery', async () => (await child.ask({ is: 'get', key: '' })).log.at(-1) === RECOVERED, 30_000)
  assert.equal((await child.ask({ is: 'close' })).counters.setAside, 0)
  const again = await startStore(t, directory, 0, { inside: child.pid })
  assert.equal((await again.ask({ is: 'get', key: 'before' })).stdout, 1)
  assert.equal((await again.ask({ is: 'get', key: 'while full/1999' })).counters.rows, 2001)
})

test('a disk that is full from the start: the agent starts, and stores when there is space', needsMount, async (t) => {
  const child = await startStore(t, temporaryDirectory(t), 0, { size: '16k', fill: true })
  const started = await child.ask({ is: 'advance', key: 'a', stdout: 1 })
  assert.deepEqual(started.log, [FAILED, READ])
  child.inMount('mount -o remount,size=1m "$0"')
  await waitUntil('recovery', async () => (await child.ask({ is: 'get', key: 'a' })).log.at(-1) === RECOVERED, 30_000)
  assert.equal((await child.ask({ is: 'flush' })).counters.setAside, 0)
})

test(
  'a disk that is full after a SIGKILL: what is in the log alone is read, and stored on when there is space',
  needsMount,
  async (t) => {
    const directory = temporaryDirectory(t)
    const keeper = await startKeeper(t, directory)
    await killWithLog(t, directory, keeper)
    const filler = join(keeper.mount, 'filler')
    assert.throws(() => writeFileSync(filler, Buffer.alloc(2 << 20)), { code: 'ENOSPC' })

    const child = await startStore(t, directory, 0, { inside: keeper.pid })
    const read = await child.ask({ is: 'get', key: 'last' })
    assert.deepEqual([read.stdout, read.counters.rows, read.log], [7, 2, [READ]])
    for (let n = 0; n < 100; n += 1) await child.ask({ is: 'advance', key: `while full/${n}`, stdout: n })
    await child.ask({ is: 'flush' })
    await child.kill()
    const again = await startStore(t, directory, 0, { inside: keeper.pid })
    assert.equal((await again.ask({ is: 'get', key: 'last' })).stdout, 7)

    rmSync(filler)
    await again.ask({ is: 'advance', key: 'last', stdout: 8 })
    await again.ask({ is: 'close' })
    const after = await startStore(t, directory, 0, { inside: keeper.pid })
    const stored = await after.ask({ is: 'get', key: 'last' })
    assert.deepEqual([stored.stdout, stored.counters.setAside], [8, 0])
  },
)

test('a file system that is read-only after a SIGKILL: what is in the log alone is read', needsMount, async (t) => {
  const directory = temporaryDirectory(t)
  const keeper = await startKeeper(t, directory)
  await killWithLog(t, directory, keeper)
  keeper.inMount('mount -o remount,ro "$0"')
  const child = await startStore(t, directory, 0, { inside: keeper.pid })
  const read = await child.ask({ is: 'get', key: 'last' })
  assert.deepEqual([read.stdout, read.counters.rows, read.log], [7, 2, [FAILED, READ]])

  keeper.inMount('mount -o remount,rw "$0"')
  await waitUntil('recovery', async () => (await child.ask({ is: 'get', key: '' })).log.at(-1) === RECOVERED, 30_000)
  await child.kill()
  const again = await startStore(t, directory, 0, { inside: keeper.pid })
  assert.deepEqual((await again.ask({ is: 'get', key: 'last' })).stdout, 7)
})

test(
  'a file system that turns read-only, also across a restart: positions are read, and stored again later',
  needsMount,
  async (t) => {
    const directory = temporaryDirectory(t)
    const keeper = await startStore(t, directory, 0, { size: '1m' })
    await keeper.ask({ is: 'advance', key: 'a', stdout: 1 })
    await keeper.ask({ is: 'close' })
    keeper.inMount('mount -o remount,ro "$0"')
    const child = await startStore(t, directory, 0, { inside: keeper.pid })
    await child.ask({ is: 'advance', key: 'b', stdout: 2 })
    const readOnly = await child.ask({ is: 'get', key: 'a' })
    assert.equal(readOnly.stdout, 1)
    assert.deepEqual(readOnly.log, [FAILED, READ])

    keeper.inMount('mount -o remount,rw "$0"')
    await waitUntil('recovery', async () => (await child.ask({ is: 'get', key: 'a' })).log.at(-1) === RECOVERED, 30_000)
    await child.kill()
    const again = await startStore(t, directory, 0, { inside: keeper.pid })
    assert.equal((await again.ask({ is: 'get', key: 'a' })).stdout, 1)
    assert.equal((await again.ask({ is: 'get', key: 'b' })).stdout, 2)
  },
)

test('prints nothing on standard error', async (t) => {
  const child = await startStore(t, temporaryDirectory(t))
  await child.ask({ is: 'advance', key: 'a', stdout: 1 })
  await child.ask({ is: 'close' })
  await child.kill()
  assert.equal(child.stderr(), '')
})

type StoreProcess = Awaited<ReturnType<typeof startStore>>

/** A process that keeps a small file system at the directory until the test ends, and no file in it open. */
async function startKeeper(t: TestContext, directory: string): Promise<StoreProcess> {
  const keeper = await startStore(t, directory, 0, { size: '1m' })
  await keeper.ask({ is: 'close' })
  return keeper
}

/** Leaves a file whose rows `first` and `last`, at 7, are in its log alone. */
async function killWithLog(t: TestContext, directory: string, keeper: StoreProcess): Promise<void> {
  const child = await startStore(t, directory, 0, { inside: keeper.pid })
  await child.ask({ is: 'advance', key: 'first', stdout: 1 })
  await child.ask({ is: 'flush' })
  await child.ask({ is: 'advance', key: 'last', stdout: 7 })
  await child.ask({ is: 'flush' })
  await child.kill()
  assert.ok(statSync(join(keeper.mount, 'positions.db-wal')).size > 0)
}

/** A store in a process of its own; with `mount` options in a file system of its own, which ends with the process. */
async function startStore(
  t: TestContext,
  directory: string,
  lockWaitMs = 0,
  mount?: { readonly size: string; readonly fill?: boolean } | { readonly inside: number },
  onWaiting: () => void = () => {},
) {
  const node = [process.execPath, join(import.meta.dirname, 'store-process.ts'), directory, String(lockWaitMs)]
  const child = spawnIn(directory, node, mount)
  t.after(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
    if (stderr.includes(WAITING)) onWaiting()
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value ?? assert.fail(`the process has ended: ${stderr}`))
  await answer()
  return {
    pid: child.pid ?? 0,
    /** The directory as this process sees it in the child's file systems. */
    mount: `/proc/${child.pid}/root${directory}`,
    stderr: () => stderr,
    inMount(command: string): void {
      const { status } = spawnSync('nsenter', ['-t', String(child.pid), '-m', 'sh', '-c', command, directory])
      assert.equal(status, 0, command)
    },
    ask(command: Command): Promise<Answer> {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return answer()
    },
    run(tick: number): readonly number[] {
      const ticks: number[] = []
      child.stdin.write(`${JSON.stringify({ is: 'run', tick } satisfies Command)}\n`)
      void (async () => {
        for await (const line of lines) ticks.push(Number(line))
      })()
      return ticks
    },
    async kill(): Promise<void> {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

function spawnIn(
  directory: string,
  node: string[],
  mount?: { readonly size: string; readonly fill?: boolean } | { readonly inside: number },
) {
  if (mount === undefined) return spawn(String(node[0]), node.slice(1))
  if ('inside' in mount) return spawn('nsenter', ['-t', String(mount.inside), '-m', ...node])
  const fill = mount.fill ? 'head -c 1m /dev/zero 2>/dev/null > "$0/filler";' : ''
  const script = `mount -t tmpfs -o size=${mount.size} none "$0" && { ${fill} exec "$@"; }`
  return spawn('unshare', ['-m', 'sh', '-c', script, directory, ...node])
}

function latestTick(key: number, upTo: number): number {
  return upTo - ((((upTo - key) % KEYS) + KEYS) % KEYS)
}
