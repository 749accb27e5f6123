import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { Discovery } from '../../src/source/discovery.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A discovery on a directory that a test fills; `seen` is what it told, in order. */
async function setUp(t: TestContext, prepare: (directory: string) => void = (directory) => mkdirSync(directory)) {
  const root = temporaryDirectory(t)
  const directory = join(root, 'containers')
  prepare(directory)
  const seen: string[] = []
  const log = recordedLog()
  const events = {
    onFound: (name: string, target: string | undefined) => void seen.push(`+${name} ${target ?? 'plain'}`),
    onGone: (name: string) => void seen.push(`-${name}`),
    onFault: () => {},
  }
  let aheadMs = 0
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs }
  const discovery = new Discovery(directory, events, { clock, log })
  await discovery.start()
  const checks = setInterval(() => discovery.check(), 100)
  t.after(() => {
    clearInterval(checks)
    return discovery.close()
  })
  const link = (name: string, target: string) => symlinkSync(target, join(directory, name))
  const sees = (event: string) => waitUntil(event, () => seen.includes(event))
  const pass = (milliseconds: number) => {
    aheadMs += milliseconds
  }
  return { directory, seen, log, link, sees, pass }
}

test('tells what is there at the start before it resolves', async (t) => {
  const { seen } = await setUp(t, (directory) => {
    mkdirSync(directory)
    writeFileSync(join(directory, 'a.log'), '')
    symlinkSync('/elsewhere/0.log', join(directory, 'b.log'))
  })
  assert.deepEqual(seen.sort(), ['+a.log plain', '+b.log /elsewhere/0.log'])
})

test('tells what comes and goes, dangling links included', async (t) => {
  const { directory, link, sees } = await setUp(t)
  link('a.log', '/nowhere/0.log')
  await sees('+a.log /nowhere/0.log')
  rmSync(join(directory, 'a.log'))
  await sees('-a.log')
})

test('takes a link that points elsewhere for another', async (t) => {
  const { directory, seen, link, sees, pass } = await setUp(t)
  link('a.log', '/one/0.log')
  await sees('+a.log /one/0.log')
  symlinkSync('/two/0.log', join(directory, '.new'))
  renameSync(join(directory, '.new'), join(directory, 'a.log'))
  // A rename over a link may reach chokidar as no event at all; the full scan sees it within half a minute.
  pass(30_000)
  await sees('+a.log /two/0.log')
  assert.ok(seen.indexOf('-a.log') < seen.indexOf('+a.log /two/0.log'))
})

test('waits for a directory that is not there yet, and says so once', async (t) => {
  const { directory, link, log, sees } = await setUp(t, () => {})
  await waitUntil('a complaint', () => log.lines.some(({ level }) => level === 'error'))
  mkdirSync(directory)
  link('a.log', '/one/0.log')
  await sees('+a.log /one/0.log')
  assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1)
})

test('survives that the directory is removed and made anew', async (t) => {
  const { directory, link, sees } = await setUp(t)
  link('a.log', '/one/0.log')
  await sees('+a.log /one/0.log')
  rmSync(directory, { recursive: true })
  mkdirSync(directory)
  await sees('-a.log')
  link('b.log', '/two/0.log')
  await sees('+b.log /two/0.log')
})
