import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DirectoryWatches } from '../../src/source/directory-watches.ts'
import { FileWake } from '../../src/source/file-wake.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Milliseconds without a look that nothing but a watched file has: any other is polled each second at least. */
const QUIET_MS = 2000

/** A file, and a reader that rests after each look it was woken for. Polls come by a clock turned by hand, events as the system brings them. */
async function setUp(t: TestContext) {
  const clock = handTurnedClock()
  const directory = join(temporaryDirectory(t), 'c')
  const path = join(directory, '0.log')
  const create = () => {
    mkdirSync(directory)
    writeFileSync(path, '')
  }
  create()
  const seen = { looks: 0, renames: 0 }
  let unreadBytes = 0
  const rest = () => {
    const bytes = unreadBytes
    unreadBytes = 0
    return wake.rest(bytes)
  }
  const wake = new FileWake(path, {
    watches: new DirectoryWatches(),
    clock,
    wake: (isRename) => {
      seen.looks += 1
      if (isRename) seen.renames += 1
      void rest()
    },
  })
  t.after(() => wake.close())
  const write = (bytes = 5) => {
    unreadBytes += bytes
    appendFileSync(path, 'line\n')
  }
  const quiet = () =>
    waitUntil('quiet', async () => {
      const before = seen.looks
      await clock.pass(QUIET_MS)
      return seen.looks === before
    })
  /** Each write wakes while the clock stands still, so no poll does. */
  const assertWatched = async () => {
    await quiet()
    for (let round = 0; round < 5; round += 1) {
      const before = seen.looks
      write()
      await waitUntil('a look', () => seen.looks > before)
      await clock.pass(200) // writes that follow fast make it busy
    }
  }
  await rest()
  return { clock, directory, path, create, seen, write, assertWatched }
}

test('an idle file is watched: no look without a write, and one soon after each', async (t) => {
  const { assertWatched } = await setUp(t)
  await assertWatched()
})

test('a busy file is polled, at far fewer looks than writes, and watched again when it has calmed down', async (t) => {
  const { clock, seen, write, assertWatched } = await setUp(t)
  await assertWatched()
  const before = seen.looks
  for (let writes = 0; writes < 500; writes += 1) {
    write()
    await nextTurn() // which brings the event, if there is one
    await clock.pass(1)
  }
  const looks = seen.looks - before
  assert.ok(looks > 10 && looks < 60, `${looks} looks`)
  await assertWatched()
})

test('a flood is looked at so often that no look finds much of it, and a file with less is not', async (t) => {
  const { clock, seen, write, assertWatched } = await setUp(t)
  for (const [bytes, least, most] of [
    [100_000, 300, 500], // of each millisecond
    [20_000, 80, 150],
  ] as const) {
    await assertWatched()
    const before = seen.looks
    for (let writes = 0; writes < 500; writes += 1) {
      write(bytes)
      await nextTurn()
      await clock.pass(1)
    }
    const looks = seen.looks - before
    assert.ok(looks > least && looks < most, `${looks} looks`)
  }
})

test('the next look after one that finds nothing of a flood is soon, since its writer may only have been late', async (t) => {
  const { clock, seen, write, assertWatched } = await setUp(t)
  await assertWatched()
  const passUntilLook = async () => {
    let passedMs = 0
    for (const before = seen.looks; seen.looks === before; passedMs += 1) {
      await nextTurn()
      await clock.pass(1)
    }
    return passedMs
  }
  for (let writes = 0; writes < 50; writes += 1) {
    write(100_000)
    await nextTurn()
    await clock.pass(1)
  }
  await passUntilLook()
  const emptyAfterMs = await passUntilLook()
  assert.ok(emptyAfterMs <= 2, `${emptyAfterMs} ms`)
  const nextAfterMs = await passUntilLook()
  assert.ok(nextAfterMs <= 4, `${nextAfterMs} ms`)
})

test('a file that cannot be watched is looked at no sooner than each 50 ms, whatever it had before', async (t) => {
  const { clock, directory, seen, write, assertWatched } = await setUp(t)
  await assertWatched()
  for (let writes = 0; writes < 50; writes += 1) {
    write(100_000)
    await nextTurn()
    await clock.pass(1)
  }
  rmSync(directory, { recursive: true })
  await clock.pass(20) // so many looks find nothing that it would be watched
  const before = seen.looks
  await clock.pass(300)
  assert.ok(seen.looks - before <= 3, `${seen.looks - before} looks`)
})

test('a rename in its folder is told as one', async (t) => {
  const { path, seen, assertWatched } = await setUp(t)
  await assertWatched()
  const before = seen.renames
  renameSync(path, `${path}.1`)
  await waitUntil('the news', () => seen.renames > before)
})

test('a folder that is deleted and made anew is watched again', async (t) => {
  const { directory, create, seen, assertWatched } = await setUp(t)
  await assertWatched()
  const before = seen.renames
  rmSync(directory, { recursive: true })
  await waitUntil('the news', () => seen.renames > before)
  create()
  await assertWatched()
})
