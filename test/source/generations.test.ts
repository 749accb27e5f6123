import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { systemClock } from '../../src/lib/clock.ts'
import type { Checkpoint } from '../../src/model/checkpoint.ts'
import { Generations } from '../../src/source/generations.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** The files of one log; `onKey` is called whenever one has been opened. */
function setUp(t: TestContext, onKey: () => void = () => {}, history: ReadonlyMap<string, Checkpoint> = new Map()) {
  const directory = join(temporaryDirectory(t), 'c')
  mkdirSync(directory)
  const path = join(directory, '0.log')
  const keyOf = (fingerprint: string) => {
    onKey()
    return fingerprint
  }
  const files = new Generations(path, { keyOf, history, clock: systemClock, onAnew: () => {}, onSeen: () => {} })
  t.after(() => files.close())
  let rotations = 0
  const rotate = () => {
    rotations += 1
    const rotated = `${path}.20260101-00000${rotations}`
    renameSync(path, rotated)
    return rotated
  }
  /** What each file has that is not read yet, oldest first. */
  const read = async () => {
    const texts: string[] = []
    const buffer = new Uint8Array(1000)
    for (let file = files.oldest; file !== undefined; file = files.oldest) {
      const bytes = await file.read(buffer)
      if (bytes.length > 0) texts.push(Buffer.from(bytes).toString().trimEnd())
      file.advance(bytes)
      await files.finishOldest()
    }
    return texts
  }
  return { path, files, rotate, read }
}

/** As the kubelet does: the plain file goes when the compressed one has its name. */
function compress(path: string): void {
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
  rmSync(path)
}

test('does not pass over a file that is compressed between being listed and being opened', async (t) => {
  let onKey = () => {}
  const { path, files, rotate, read } = setUp(t, () => onKey())
  writeFileSync(path, 'one\n')
  const oldest = rotate()
  writeFileSync(path, 'two\n')
  rotate()
  writeFileSync(path, 'three\n')
  let opened = 0
  // The live file is the first to be opened, before the folder is listed; the newest rotated one is the second.
  onKey = () => {
    opened += 1
    if (opened === 2) compress(oldest)
  }
  await files.reconcile()
  assert.deepEqual(await read(), ['one', 'two', 'three'])
})

test('does not pass over a file that is renamed between the live one and the listing', async (t) => {
  let onKey = () => {}
  const { path, files, rotate, read } = setUp(t, () => onKey())
  writeFileSync(path, 'one\n')
  onKey = () => {
    onKey = () => {}
    rotate()
    writeFileSync(path, 'two\n')
  }
  await files.reconcile()
  await files.reconcile()
  assert.deepEqual(await read(), ['one', 'two'])
})

test('keeps what it has opened when the folder changes before it has opened all, and that is deleted', async (t) => {
  let onKey = () => {}
  const { path, files, rotate, read } = setUp(t, () => onKey())
  const rotated = ['one', 'two', 'three'].map((line) => {
    writeFileSync(path, `${line}\n`)
    return rotate()
  })
  writeFileSync(path, 'four\n')
  let opened = 0
  // The live file is the first to be opened, and the newest rotated one the second.
  onKey = () => {
    opened += 1
    if (opened === 2) for (const one of rotated) rmSync(one)
  }
  await files.reconcile()
  assert.deepEqual(await read(), ['three', 'four'])
})

test('keeps the order of files of which the oldest was live when it was opened, and which are deleted one by one meanwhile', async (t) => {
  let onKey = () => {}
  const { path, files, rotate, read } = setUp(t, () => onKey())
  writeFileSync(path, 'one\n')
  const rotated: string[] = []
  let opened = 0
  // The live file, then the newest rotated one, then the next live one.
  onKey = () => {
    opened += 1
    if (opened > 1) rmSync(rotated.shift() ?? '', { force: true })
    else
      for (const line of ['two', 'three']) {
        rotated.push(rotate())
        writeFileSync(path, `${line}\n`)
      }
  }
  await files.reconcile()
  assert.deepEqual(await read(), ['one', 'two', 'three'])
})

test('keeps what was rotated since the live file was opened, though it is deleted before the next look', async (t) => {
  let onKey = () => {}
  const { path, files, rotate, read } = setUp(t, () => onKey())
  writeFileSync(path, 'one\n')
  let rotated = ''
  onKey = () => {
    onKey = () => {}
    rotate()
    writeFileSync(path, 'two\n')
    rotated = rotate()
    writeFileSync(path, 'three\n')
  }
  await files.reconcile()
  rmSync(rotated)
  assert.equal((await files.reconcile()).gapBefore, undefined)
  assert.deepEqual(await read(), ['one', 'two', 'three'])
})

test('knows a file again that was empty when it was opened and comes back compressed', async (t) => {
  const { path, files, rotate, read } = setUp(t)
  writeFileSync(path, '')
  await files.reconcile()
  appendFileSync(path, 'one\n')
  const rotated = rotate()
  writeFileSync(path, 'two\n')
  compress(rotated)
  assert.equal((await files.reconcile()).gapBefore, undefined)
  assert.deepEqual(await read(), ['one', 'two'])
  await files.reconcile()
  assert.deepEqual(await read(), [])
})

test('knows a file that was empty when it was opened and is compressed before the folder is asked', async (t) => {
  const { path, files, rotate, read } = setUp(t)
  writeFileSync(path, '')
  const looked = files.reconcile() // has opened the live file, and not gone on
  appendFileSync(path, 'one\n')
  const rotated = rotate()
  writeFileSync(path, 'two\n')
  compress(rotated)
  await looked
  await files.reconcile()
  assert.deepEqual(await read(), ['one', 'two'])
  await files.reconcile()
  assert.deepEqual(await read(), [])
})

/** The steps that a look takes are fewer. */
const STEPS = 30

for (let step = 0; step < STEPS; step += 1) {
  test(`takes a file for the oldest that is rotated and deleted at step ${step} of a look`, async (t) => {
    const { path, files, rotate, read } = setUp(t)
    const oldest = openSync(path, 'w')
    t.after(() => closeSync(oldest))
    const looked = files.reconcile() // has opened the live file, and not gone on
    for (let left = step; left > 0; left -= 1) await undefined
    const rotated = rotate()
    writeFileSync(path, 'two\n')
    rmSync(rotated)
    rotate()
    writeFileSync(path, 'three\n')
    writeSync(oldest, 'one\n')
    await looked
    await files.reconcile()
    assert.deepEqual(await read(), ['one', 'two', 'three'])
  })
}

test('takes the live file for the newest though it is rotated and deleted once the folder was asked', async (t) => {
  let opened = 0
  const { path, files, rotate, read } = setUp(t, () => {
    opened += 1
    if (opened !== 2) return
    const rotated = rotate()
    writeFileSync(path, 'three\n')
    rmSync(oldest)
    rmSync(rotated)
  })
  writeFileSync(path, 'one\n')
  const oldest = rotate()
  writeFileSync(path, 'two\n')
  await files.reconcile()
  await files.reconcile()
  assert.deepEqual(await read(), ['one', 'two', 'three'])
})

test('gives up a damaged file at once when its time is in the future, and opens the others', async (t) => {
  const { path, files, read } = setUp(t)
  const damaged = `${path}.20260101-000000.gz`
  writeFileSync(damaged, '')
  const inAnHour = new Date(Date.now() + 3_600_000)
  utimesSync(damaged, inAnHour, inAnHour)
  writeFileSync(path, 'one\n')
  assert.deepEqual((await files.reconcile()).damaged, [damaged])
  assert.deepEqual((await files.reconcile()).damaged, [], 'told once')
  assert.deepEqual(await read(), ['one'])
})

test('tells a gap when none of the files it knew is there any more', async (t) => {
  const { path, files, rotate } = setUp(t)
  writeFileSync(path, 'one\n')
  assert.equal((await files.reconcile()).gapBefore, undefined)
  rmSync(path)
  writeFileSync(path, 'two\n')
  rmSync(rotate())
  writeFileSync(path, 'three\n')
  assert.notEqual((await files.reconcile()).gapBefore, undefined)
  assert.equal((await files.reconcile()).gapBefore, undefined)
})

test('tells no gap when the file it knew was empty, and may be the empty one that is compressed now', async (t) => {
  const { path, files, rotate } = setUp(t)
  writeFileSync(path, '')
  utimesSync(path, 1, 1)
  await files.reconcile()
  compress(rotate())
  writeFileSync(path, '2026-11-22T07:00:00Z stdout F one\n')
  assert.equal((await files.reconcile()).gapBefore, undefined)
})

test('tells no gap for rotations that it can follow', async (t) => {
  const { path, files, rotate, read } = setUp(t)
  writeFileSync(path, 'one\n')
  await files.reconcile()
  for (const line of ['two', 'three', 'four']) {
    rotate()
    writeFileSync(path, `${line}\n`)
  }
  assert.equal((await files.reconcile()).gapBefore, undefined)
  assert.deepEqual(await read(), ['one', 'two', 'three', 'four'])
})

test('tells no gap when what it knew is gone, and what came after is empty still and as old', async (t) => {
  const { path, files, rotate } = setUp(t)
  writeFileSync(path, '2026-11-22T07:00:00Z stdout F one\n')
  await files.reconcile()
  rmSync(rotate())
  writeFileSync(path, '')
  rotate()
  writeFileSync(path, '')
  assert.equal((await files.reconcile()).gapBefore, undefined)
})
