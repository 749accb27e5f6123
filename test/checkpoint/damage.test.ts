import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'
import type { Checkpoint, Settling } from '../../src/model/checkpoint.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { KeptLog, ManualClock, upTo } from './support.ts'

const ROWS = 300
const SET_ASIDE = 'error: the file of positions is damaged or not one of Loggy: set aside'

test('survives any damage: a position is one that was stored for its key, or none, and the file works again', async (t) => {
  const directory = temporaryDirectory(t)
  const states = await exampleStates(directory)
  const outcomes = { kept: 0, setAside: 0 }
  const damage = fc.oneof(
    fc.record({ is: fc.constant('truncate'), at: fc.oneof(fc.nat(120), fc.nat(38_000)), length: fc.constant(1) }),
    fc.record({ is: fc.constant('zero'), at: fc.nat(38_000), length: fc.nat(5000) }),
    fc.record({
      is: fc.constant('flip'),
      at: fc.oneof(fc.nat(120), fc.nat(38_000)),
      length: fc.integer({ min: 1, max: 255 }),
    }),
  )
  const property = fc.asyncProperty(
    fc.constantFrom(...states),
    fc.array(fc.record({ suffix: fc.constantFrom('', '-wal'), damage }), { minLength: 1, maxLength: 4 }),
    async (state, faults) => {
      const copy = mkdtempSync(join(directory, 'run-'))
      cpSync(state, copy, { recursive: true })
      for (const { suffix, damage } of faults) spoil(join(copy, `positions.db${suffix}`), damage)

      const { store } = await opened(t, copy)
      for (let n = 0; n < ROWS; n += 1) {
        const found = store.get(key(n))
        if (found !== undefined)
          assert.ok(
            found.stderr.head === n &&
              (found.stdout.head === n || found.stdout.head === n + 1000) &&
              isAheadOf(n, found),
          )
      }
      outcomes[store.counters.setAside === 0 ? 'kept' : 'setAside'] += 1
      for (let n = 0; n < ROWS; n += 2) store.advance(key(n), upTo(5000), { end: 5000 })
      store.close()
      assert.equal(store.counters.failures, 0)

      const again = await opened(t, copy)
      for (let n = 0; n < ROWS; n += 2) assert.equal(again.store.get(key(n))?.stdout.head, 5000)
      assert.equal(again.store.counters.setAside, 0)
      again.store.close()
    },
  )
  await fc.assert(property, { numRuns: 150 })
  assert.ok(outcomes.kept > 10 && outcomes.setAside > 10, JSON.stringify(outcomes))
})

test('knows each flipped bit in a stored position', async (t) => {
  const position = 0x1122334455
  const stored = Buffer.from('1122334455', 'hex')
  for (let bit = 0; bit < 40; bit += 1) {
    const directory = temporaryDirectory(t)
    const { store } = await opened(t, directory)
    store.advance('a/1', upTo(position, 0))
    store.close()
    changeFile(join(directory, 'positions.db'), (bytes) => {
      const at = bytes.indexOf(stored) + (bit >> 3)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
    })
    const again = await opened(t, directory)
    assert.equal(again.store.get('a/1'), undefined)
    assert.equal(again.store.counters.setAside, 1)
  }
})

/** Offsets in the header. Source: sqlite.org/fileformat2.html */
const headerBytes: Record<string, number> = {
  'write version': 18,
  'read version': 19,
  'number of free pages': 39,
  'schema format': 47,
  'user version': 63,
  'application id': 71,
}

for (const [name, at] of Object.entries(headerBytes)) {
  test(`sets a file aside whose header is damaged: ${name}`, async (t) => {
    const directory = temporaryDirectory(t)
    const { store } = await opened(t, directory)
    store.advance('a/1', upTo(1, 0))
    store.close()
    changeFile(join(directory, 'positions.db'), (bytes) => {
      bytes[at] = (bytes[at] ?? 0) + 8
    })
    const again = await opened(t, directory)
    assert.deepEqual(again.store.counters, { rows: 0, flushes: 0, failures: 0, setAside: 1 })
    again.store.advance('a/1', upTo(2, 0))
    again.store.flush()
    assert.equal(again.store.counters.failures, 0)
  })
}

const strangers: Record<string, (path: string) => void> = {
  text: (path) => writeFileSync(path, 'positions:\n  a: 1\n'.repeat(1000)),
  'a folder': (path) => mkdirSync(join(path, 'nested'), { recursive: true }),
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a database of another program': (path) => makeDatabase(path, 'create table t (x); insert into t values (1)'),
  'a later version': (path) =>
    makeDatabase(path, 'pragma application_id = 0x4c6f6767; pragma user_version = 2; create table t (x)'),
  'other tables': (path) =>
    makeDatabase(path, 'pragma application_id = 0x4c6f6767; pragma user_version = 1; create table t (x)'),
}

for (const [name, make] of Object.entries(strangers)) {
  test(`sets aside what is not its file, and starts empty: ${name}`, async (t) => {
    const directory = temporaryDirectory(t)
    const path = join(directory, 'positions.db')
    make(path)
    const kind = statSync(path).mode
    const { store, log } = await opened(t, directory)
    assert.deepEqual(log.lines, [SET_ASIDE, 'info: positions read'])
    assert.deepEqual(store.counters, { rows: 0, flushes: 0, failures: 0, setAside: 1 })
    const kept = readdirSync(directory).filter((entry) => entry.startsWith('positions.db.damaged-'))
    assert.equal(kept.length, 1)
    assert.equal(statSync(join(directory, String(kept[0]))).mode, kind)
    store.advance('a/1', upTo(1, 0))
    store.close()
    const again = await opened(t, directory)
    assert.equal(again.store.get('a/1')?.stdout.head, 1)
  })
}

test('takes an empty file for a new one', async (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'positions.db'), '')
  const { store } = await opened(t, directory)
  assert.deepEqual(store.counters, { rows: 0, flushes: 0, failures: 0, setAside: 0 })
})

test('sets the side files aside with the database', async (t) => {
  const directory = temporaryDirectory(t)
  mkdirSync(join(directory, 'positions.db-wal'))
  const { store } = await opened(t, directory)
  assert.equal(store.counters.setAside, 1)
  assert.ok(readdirSync(directory).some((name) => /^positions\.db\.damaged-.*Z-wal$/.test(name)))
})

test('keeps the three latest of what it has set aside', async (t) => {
  const directory = temporaryDirectory(t)
  const path = join(directory, 'positions.db')
  const clock = new ManualClock()
  for (let n = 0; n < 5; n += 1) {
    if (n === 1) mkdirSync(path)
    else writeFileSync(path, `stranger ${n}`.repeat(500))
    const { store } = await opened(t, directory, clock)
    store.close()
    if (n < 4) execFileSync('rm', [path])
    await clock.pass(1500)
  }
  const kept = readdirSync(directory).filter((name) => name.startsWith('positions.db.damaged-'))
  assert.deepEqual(
    kept.sort().map((name) => readFileSync(join(directory, name), 'latin1').slice(0, 10)),
    ['stranger 2', 'stranger 3', 'stranger 4'],
  )
})

test('writes everything into a new file when the old one turns out damaged while it is in use', async (t) => {
  const directory = temporaryDirectory(t)
  const path = join(directory, 'positions.db')
  const clock = new ManualClock()
  const { store, log } = await opened(t, directory, clock)
  const count = 40_000 // more than SQLite keeps in memory, so that it meets the damage
  for (let n = 0; n < count; n += 1) store.advance(key(n), upTo(n, 0))
  await clock.pass(100)
  store.seen(Array.from({ length: count }, (_, n) => key(n)))
  const blocks = Math.floor(statSync(path).size / 4096) - 1
  execFileSync('dd', [
    'if=/dev/urandom',
    `of=${path}`,
    'bs=4096',
    'seek=1',
    `count=${blocks}`,
    'conv=notrunc',
    'status=none',
  ])
  for (let n = 0; n < count; n += 50) store.advance(key(n), upTo(n + 1, 0))
  await clock.pass(100)
  await clock.pass(1000)
  assert.equal(store.counters.setAside, 1)
  assert.equal(log.lines.at(-1), 'info: positions are stored again')
  store.close()
  const again = await opened(t, directory)
  for (let n = 0; n < count; n += 1) assert.equal(again.store.get(key(n))?.stdout.head, n % 50 === 0 ? n + 1 : n)
})

/** Settled beyond a gap, out of order. */
function aheadOf(n: number): Settling {
  return { stdout: { from: n + 2000, to: n + 3000 }, stderr: { from: 0, to: 0 } }
}

function isAheadOf(n: number, { stdout, stderr }: Checkpoint): boolean {
  const { from, to } = aheadOf(n).stdout
  const [range] = stdout.ahead
  return stderr.ahead.length === 0 && (range === undefined || (range.from === from && range.to === to && n % 5 === 0))
}

/** Folders with a file that was closed, and with one whose process was killed before its log was moved into it. */
async function exampleStates(directory: string): Promise<string[]> {
  const closed = join(directory, 'closed')
  const killed = join(directory, 'killed')
  const clock = new ManualClock()
  const store = await CheckpointStore.open(closed, { clock, log: new KeptLog(), graceMs: 1000 })
  for (let n = 0; n < ROWS; n += 1) store.advance(key(n), upTo(n))
  for (let n = 0; n < ROWS; n += 5) store.advance(key(n), aheadOf(n))
  store.flush()
  store.seen([])
  for (let n = 0; n < ROWS; n += 2) store.advance(key(n), upTo(n + 1000, n), { end: n % 3 === 0 ? n : undefined })
  store.flush()
  cpSync(closed, killed, { recursive: true })
  store.close()
  return [closed, killed]
}

function spoil(path: string, { is, at, length }: { is: string; at: number; length: number }): void {
  if (!existsSync(path)) return
  if (is === 'truncate') truncateSync(path, Math.min(at, statSync(path).size))
  changeFile(path, (bytes) => {
    if (is === 'flip' && at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ length
    if (is === 'zero') bytes.fill(0, Math.min(at, bytes.length), Math.min(at + length, bytes.length))
  })
}

function changeFile(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path)
  change(bytes)
  writeFileSync(path, bytes)
}

function makeDatabase(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

function key(n: number): string {
  return `2f1c0b9a-${n % 17}-4a77-8b6e-1f0c9e8d7a6b/app/${n}/9e107d9d372bb6826bd81d3542a419d6`
}

async function opened(t: TestContext, directory: string, clock = new ManualClock()) {
  const log = new KeptLog()
  const store = await CheckpointStore.open(directory, { clock, log, graceMs: 3_600_000, lockWaitMs: 0 })
  t.after(() => store.close())
  return { store, log }
}
