import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ByteRanges } from '../../src/lib/byte-ranges.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import type { Checkpoint } from '../../src/model/checkpoint.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import { ContainerLog } from '../../src/source/container-log.ts'
import { fingerprintOf } from '../../src/source/fingerprint.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

const ref: ContainerRef = {
  namespace: 'n',
  pod: 'p',
  container: 'c',
  uid: 'u',
  restartCount: 0,
  containerID: undefined,
}

/** A log in a folder of its own, and a reader that takes all whole lines there are. */
function setUp(
  t: TestContext,
  options: {
    history?: ReadonlyMap<string, Checkpoint>
    startAt?: 'beginning' | 'end'
    path?: string
    clock?: Clock
  } = {},
) {
  const { history = new Map(), startAt = 'beginning', clock = systemClock } = options
  const onForeign = (path: string) => void foreign.push(path)
  const onSeen = (key: string, { order }: Pick<LogFile, 'order'>) => void places.push([key, order])
  const listeners = { onSkipped: () => {}, onAnew: () => {}, onSeen, onForeign }
  const foreign: string[] = []
  const places: [string, number | undefined][] = []
  const directory = join(temporaryDirectory(t), 'c')
  mkdirSync(directory)
  const { path = join(directory, '0.log') } = options
  const log = new ContainerLog({ ref, path, identity: 'u/c/0', history, startAt, ...listeners }, clock)
  t.after(() => log.close())
  const buffer = new Uint8Array(1 << 20)
  const seen: string[] = []
  let isFinished = false

  async function turn(): Promise<string> {
    const turn = await log.read(buffer)
    if (turn.kind === 'finished') isFinished = true
    if (turn.kind !== 'chunk') return turn.kind
    const text = Buffer.from(turn.chunk.bytes).toString()
    const whole = turn.chunk.isFinal ? text : text.slice(0, text.lastIndexOf('\n') + 1)
    seen.push(...whole.split('\n').filter((line) => line !== ''))
    await log.consume(Buffer.byteLength(whole), false)
    return turn.kind
  }
  const readUntil = (what: string, condition: () => boolean) =>
    waitUntil(what, async () => {
      await turn()
      return condition()
    })
  const readLines = (count: number) => readUntil(`${count} lines`, () => seen.length >= count)
  return { directory, path, log, seen, foreign, places, turn, readUntil, readLines, finished: () => isFinished }
}

test('reads what is there and what is added, and leaves an unfinished line', async (t) => {
  const { path, seen, readLines, turn } = setUp(t)
  writeFileSync(path, 'one\ntwo\nthr')
  await readLines(2)
  assert.equal(await turn(), 'idle')
  assert.deepEqual(seen, ['one', 'two'])
  appendFileSync(path, 'ee\n')
  await readLines(3)
  assert.deepEqual(seen, ['one', 'two', 'three'])
})

test('waits for a file that is not there yet', async (t) => {
  const { path, seen, turn, readLines } = setUp(t)
  assert.equal(await turn(), 'idle')
  writeFileSync(path, 'one\n')
  await readLines(1)
  assert.deepEqual(seen, ['one'])
})

test('reads the rest of a renamed file before its successor, late writes included', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  appendFileSync(path, 'two\n')
  renameSync(path, `${path}.20260101-000000`)
  writeFileSync(path, 'four\n')
  appendFileSync(`${path}.20260101-000000`, 'three\n')
  await readLines(4)
  assert.deepEqual(seen, ['one', 'two', 'three', 'four'])
})

test('awaits late writes to a file that was rotated just before the first look, an empty one too', async (t) => {
  for (const first of ['one\n', '']) {
    let stoodMs: number | undefined = 0 // until the late write, or a busy machine makes it too late
    const clock = { ...systemClock, monotonic: () => stoodMs ?? systemClock.monotonic() }
    const { path, seen, turn, readLines } = setUp(t, { clock })
    writeFileSync(`${path}.20260101-000000`, first)
    writeFileSync(path, 'three\n')
    for (let looks = 0; looks < 4; looks += 1) await turn()
    appendFileSync(`${path}.20260101-000000`, 'two\n')
    stoodMs = undefined
    await readLines(first === '' ? 2 : 3)
    assert.deepEqual(seen, [first.trim(), 'two', 'three'].filter(Boolean))
  }
})

test('tells of a gap where it is: behind the rest of what was open, before what came after', async (t) => {
  const { path, log, seen, turn } = setUp(t)
  writeFileSync(path, '2026-01-01T00:00:00Z stdout F one\n')
  await log.open()
  rmSync(path)
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
  writeFileSync(path, `${inAnHour} stdout F three\n`)
  await log.hold()
  const order: string[] = []
  await waitUntil('the last line', async () => {
    const is = await turn()
    if (is !== 'idle') order.push(is === 'chunk' ? (seen.at(-1)?.split(' ').at(-1) ?? '') : is)
    return seen.length === 2
  })
  assert.deepEqual([...new Set(order)], ['one', 'lost', 'three'])
})

test('reads a file that was rotated away between two looks', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  for (const [index, line] of ['two', 'three', 'four'].entries()) {
    renameSync(path, `${path}.20260101-00000${index}`)
    writeFileSync(path, `${line}\n`)
  }
  await readLines(4)
  assert.deepEqual(seen, ['one', 'two', 'three', 'four'])
})

test('counts the rotated files of docker backwards', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  renameSync(path, `${path}.2`)
  writeFileSync(`${path}.1`, 'two\n')
  writeFileSync(path, 'three\n')
  await readLines(3)
  assert.deepEqual(seen, ['one', 'two', 'three'])
})

test('goes on when the kubelet takes a rotation back', async (t) => {
  const { path, seen, readLines, turn } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  renameSync(path, `${path}.20260101-000000`)
  assert.equal(await turn(), 'idle')
  renameSync(`${path}.20260101-000000`, path)
  appendFileSync(path, 'two\n')
  await readLines(2)
  assert.equal(await turn(), 'idle')
  assert.deepEqual(seen, ['one', 'two'])
})

test('begins anew when the file is truncated', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\ntwo\n')
  await readLines(2)
  truncateSync(path)
  appendFileSync(path, '3\n')
  await readLines(3)
  assert.deepEqual(seen, ['one', 'two', '3'])
})

test('begins anew when the file is truncated and written again, with a line just where it was left', async (t) => {
  const { path, seen, readLines, turn } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  assert.equal(await turn(), 'idle')
  truncateSync(path)
  appendFileSync(path, 'two\nsix\n')
  await readLines(3)
  assert.deepEqual(seen, ['one', 'two', 'six'])
})

test('begins anew when a file is truncated and written again, with the same line without a time just where it was left', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\nend\n')
  await readLines(2)
  writeFileSync(path, 'two\nend\nmore\n')
  await readLines(5)
  assert.deepEqual(seen, ['one', 'end', 'two', 'end', 'more'])
})

test('begins anew when a large file is truncated and written again, even larger, with a line just where it was left', async (t) => {
  const { path, seen, readLines } = setUp(t)
  const lines = (letter: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${letter} ${index + 1000}`)
  const [before, after] = [lines('a', 12_000), lines('b', 13_000)]
  writeFileSync(path, `${before.join('\n')}\n`)
  await readLines(before.length)
  writeFileSync(path, `${after.join('\n')}\n`)
  await readLines(before.length + after.length)
  assert.deepEqual(seen, [...before, ...after])
})

test('reads each line once while a small file grows by any number of lines, and past what is read at once', async (t) => {
  const { path, seen, readLines, turn } = setUp(t)
  const lineOf = (number: number) => `${number} ${'x'.repeat(90)}`
  let written = 0
  for (const count of [1, 1, 3, 100, 1, 9000, 1, 2]) {
    const lines = Array.from({ length: count }, (_, index) => `${lineOf(written + index)}\n`)
    appendFileSync(path, lines.join(''))
    written += count
    await readLines(written)
    assert.equal(await turn(), 'idle')
  }
  assert.deepEqual(
    seen,
    Array.from({ length: written }, (_, number) => lineOf(number)),
  )
})

test('reads a file that is copied, truncated and written again before anything was read of it once', async (t) => {
  const { path, log, seen, turn, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await log.open()
  copyFileSync(path, `${path}.20260101-000000`)
  truncateSync(path)
  appendFileSync(path, 'two\nsix\n')
  await readLines(3)
  for (let count = 0; count < 5; count += 1) await turn()
  assert.deepEqual(seen, ['one', 'two', 'six'])
})

test('begins anew in a rotated file that is truncated and written again, just as large or larger', async (t) => {
  for (const content of ['two\n', 'two\nsix\n']) {
    const { path, log, seen, readLines } = setUp(t)
    writeFileSync(path, 'one\n')
    await readLines(1)
    const rotated = `${path}.20260101-000000`
    renameSync(path, rotated)
    writeFileSync(path, 'last\n')
    await log.hold() // opens the new file
    writeFileSync(rotated, content)
    await readLines(content.length / 4 + 2)
    assert.deepEqual(seen, ['one', ...content.trim().split('\n'), 'last'])
  }
})

test('reads what was written to a truncated file before it was rotated and deleted, and tells that something may be missing', async (t) => {
  const { path, seen, turn, readUntil } = setUp(t)
  writeFileSync(path, 'one\ntwo\n')
  await readUntil('both lines', () => seen.length === 2)
  truncateSync(path)
  appendFileSync(path, '3\n')
  renameSync(path, `${path}.20260101-000000`)
  rmSync(`${path}.20260101-000000`)
  writeFileSync(path, '4\n')
  const turns: string[] = []
  await waitUntil('the new file is read', async () => {
    turns.push(await turn())
    return seen.includes('4')
  })
  assert.deepEqual(seen, ['one', 'two', '3', '4'])
  assert.ok(turns.includes('lost'))
})

test('reads what was written to a truncated file once if it was rotated and compressed before the first look', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\ntwo\n')
  await readLines(2)
  truncateSync(path)
  appendFileSync(path, 'three\nfour\nfive\n')
  renameSync(path, `${path}.20260101-000000`)
  writeFileSync(`${path}.20260101-000000.gz`, gzipSync('three\nfour\nfive\n'))
  rmSync(`${path}.20260101-000000`)
  writeFileSync(path, 'six\n')
  await readLines(6)
  assert.deepEqual(seen, ['one', 'two', 'three', 'four', 'five', 'six'])
})

test('reads what was written to a truncated file before it was deleted behind the copy of what it was', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  appendFileSync(path, 'two\n')
  copyFileSync(path, `${path}.20260101-000000`)
  truncateSync(path)
  appendFileSync(path, '3\n')
  rmSync(path)
  writeFileSync(path, '4\n')
  await readLines(4)
  assert.deepEqual(seen, ['one', 'two', '3', '4'])
})

test('begins anew, and tells it once, when the end of the file is cut off and its first line stays', async (t) => {
  const { path, seen, readLines, turn } = setUp(t)
  writeFileSync(path, 'one\ntwo\nthree\n')
  await readLines(3)
  truncateSync(path, 4)
  const turns: string[] = []
  for (let count = 0; count < 10; count += 1) turns.push(await turn())
  assert.equal(turns.filter((is) => is === 'lost').length, 1)
  appendFileSync(path, 'four\n')
  await readLines(5)
  assert.deepEqual(seen, ['one', 'two', 'three', 'one', 'four'])
})

test('tells of a file that was written anew before its lines, since what is held of the old one has no end in there', async (t) => {
  const { path, log, seen, readLines, turn } = setUp(t)
  writeFileSync(path, 'one\nbegun\n')
  await readLines(2)
  writeFileSync(path, 'one\nand another, longer\n')
  await log.reopen()
  assert.deepEqual([await turn(), await turn()], ['lost', 'chunk'])
  assert.deepEqual(seen.slice(2), ['one', 'and another, longer'])
  await log.reopen()
  assert.equal(await turn(), 'idle', 'it is the same this time')
})

test('begins anew when a power cut has taken the bytes before the position, whatever came in their place', async (t) => {
  const all = { from: 0, to: 14 }
  const head = ByteRanges.none.with(all)
  const key = `u/c/0/${fingerprintOf(Buffer.from('one\n'))}`
  const history = new Map([[key, { stdout: head, stderr: head, isDone: false }]])
  for (const content of ['one\nnew\n', 'one\nlonger than before\n']) {
    const { path, seen, readLines } = setUp(t, { history })
    writeFileSync(path, content)
    await readLines(2)
    assert.equal(`${seen.join('\n')}\n`, content)
  }
})

test('goes on in a copy even where its original was left within a line', async (t) => {
  const { path, log, seen, turn, readLines } = setUp(t)
  writeFileSync(path, 'one\nbegun')
  const buffer = new Uint8Array(1 << 20)
  await log.read(buffer)
  await log.consume(7, false)
  copyFileSync(path, `${path}.20260101-000000`)
  truncateSync(path)
  writeFileSync(path, 'two\n')
  await turn()
  await readLines(2)
  assert.deepEqual(seen, ['un', 'two'])
})

for (const delivered of ['', 'one\n']) {
  test(`finds the copy of a file that was emptied when it had just been opened, behind ${JSON.stringify(delivered)}`, async (t) => {
    const head = ByteRanges.none.with({ from: 0, to: delivered.length })
    const key = `u/c/0/${fingerprintOf(Buffer.from('one\n'))}`
    const history = new Map(delivered === '' ? [] : [[key, { stdout: head, stderr: head, isDone: false }]])
    const { path, log, seen, turn, readUntil } = setUp(t, { history })
    writeFileSync(path, 'one\ntwo\n')
    const opened = log.open() // has opened the file, and not gone on
    copyFileSync(path, `${path}.20260101-000000`)
    truncateSync(path)
    await opened
    await readUntil('the copy', () => seen.includes('two'))
    assert.equal(seen.join('\n'), `${delivered}one\ntwo`.slice(delivered.length * 2))
    assert.equal(await turn(), 'idle')
  })
}

test('reads a deleted file to its end, and is finished when its link is gone too', async (t) => {
  const { path, log, seen, readLines, readUntil, turn, finished } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  appendFileSync(path, 'two\nlast words')
  rmSync(path)
  await readLines(2)
  assert.equal(await turn(), 'idle')
  log.unlink()
  await readUntil('the end', finished)
  assert.deepEqual(seen, ['one', 'two', 'last words'])
})

test('keeps what it has opened readable although it was deleted before it was read', async (t) => {
  const { path, log, seen, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await log.open()
  rmSync(path)
  await readLines(1)
  assert.deepEqual(seen, ['one'])
})

test('begins at the end when told so, but never within a line', async (t) => {
  const { path, log, seen, readLines } = setUp(t, { startAt: 'end' })
  writeFileSync(path, `${'old '.repeat(50_000)}\nhalf`)
  await log.open()
  appendFileSync(path, ' a line\nnew\n')
  await readLines(2)
  assert.deepEqual(seen, ['half a line', 'new'])
})

test('hands over a line that is longer than one turn', async (t) => {
  const { path, seen, readLines } = setUp(t)
  const long = 'x'.repeat(700_000)
  writeFileSync(path, `${long}\nshort\n`)
  await readLines(2)
  assert.deepEqual(seen, [long, 'short'])
})

test('reads again what a full batch had no room for', async (t) => {
  const { path, log } = setUp(t)
  writeFileSync(path, 'one\ntwo\n')
  const buffer = new Uint8Array(1 << 20)
  await log.read(buffer)
  assert.equal(await log.consume(4, true), true)
  const turn = await log.read(buffer)
  assert.equal(turn.kind === 'chunk' && Buffer.from(turn.chunk.bytes).toString(), 'two\n')
})

test('gives a file its key when its first line comes behind more NULs than one turn brings', async (t) => {
  const { path, log, turn, seen, readUntil } = setUp(t)
  const buffer = new Uint8Array(1 << 20)
  const line = '2026-11-22T07:00:00.1Z stdout F one'
  writeFileSync(path, Buffer.alloc(700_000))
  for (let left = 700_000; left > 0; ) {
    const turn = await log.read(buffer)
    const byteCount = turn.kind === 'chunk' ? turn.chunk.bytes.length : 0
    if (turn.kind === 'chunk') await log.consume(byteCount, false)
    left -= byteCount
  }
  assert.equal(await turn(), 'idle')
  appendFileSync(path, line.slice(0, 20))
  await turn()
  assert.deepEqual(log.keys(), [])
  appendFileSync(path, `${line.slice(20)}\n`)
  await readUntil('the line', () => seen.length > 0)
  assert.deepEqual(seen, [line])
  assert.deepEqual(log.keys(), [`u/c/0/${fingerprintOf(Buffer.from(`${line}\n`))}`])
})
/** As `sed -i` does it: another inode under the name. */
function replaceBy(path: string, content: string): void {
  writeFileSync(`${path.slice(0, -4)}.new`, content)
  renameSync(`${path.slice(0, -4)}.new`, path)
}

test('reads what is behind the known end of a copy that takes the place of the file', async (t) => {
  const { path, seen, turn, readLines, finished } = setUp(t)
  writeFileSync(path, 'one\ntwo\n')
  await readLines(2)
  replaceBy(path, 'one\ntwo\nthree\n')
  await readLines(3)
  appendFileSync(path, 'four\n')
  await readLines(4)
  assert.equal(await turn(), 'idle')
  assert.deepEqual(seen, ['one', 'two', 'three', 'four'])
  assert.equal(finished(), false)
})

test('reads a copy from its beginning, and tells so, when it has other bytes where the file was left', async (t) => {
  const { path, seen, turn, readUntil } = setUp(t)
  writeFileSync(path, 'one\nsecret\n')
  await readUntil('both lines', () => seen.length === 2)
  replaceBy(path, 'one\nxx\nthree\n')
  const turns: string[] = []
  await waitUntil('the copy', async () => {
    turns.push(await turn())
    return seen.length === 5
  })
  assert.deepEqual(seen.slice(2), ['one', 'xx', 'three'])
  assert.equal(turns.filter((kind) => kind === 'lost').length, 1, 'what is held of the old file has no end in there')
})

test('leaves out files that no rotation makes, and tells each once', async (t) => {
  const { path, seen, foreign, readLines } = setUp(t)
  const strange = ['zst', 'bz2', '20260101-000000.lz4', '20260101-000000.gz.part', 'orig'].map(
    (suffix) => `${path}.${suffix}`,
  )
  for (const one of strange) writeFileSync(one, 'binary\n')
  writeFileSync(`${path}.20260101-000000`, 'one\n')
  writeFileSync(path, 'two\n')
  await readLines(2)
  renameSync(path, `${path}.20260101-000001`)
  writeFileSync(path, 'three\n')
  await readLines(3)
  assert.deepEqual(seen, ['one', 'two', 'three'])
  assert.deepEqual(foreign.toSorted(), strange.toSorted())
})

test('reads a rotated file that is not renamed yet, and not the compression in progress', async (t) => {
  const { path, seen, readLines, turn } = setUp(t)
  writeFileSync(`${path}.20260101-000000`, 'one\n')
  writeFileSync(`${path}.20260101-000000.tmp`, gzipSync('one\n'))
  writeFileSync(`${path}.20260101-000001.tmp`, '') // begun a moment ago
  writeFileSync(`${path}.tmp`, 'two\n')
  writeFileSync(path, 'three\n')
  await readLines(3)
  renameSync(`${path}.tmp`, `${path}.20260101-000002`)
  renameSync(path, `${path}.tmp`)
  writeFileSync(path, 'four\n')
  await readLines(4)
  assert.equal(await turn(), 'idle')
  assert.deepEqual(seen, ['one', 'two', 'three', 'four'])
})

const at = (time: string, text: string) => `2026-10-25T${time}Z stdout F ${text}\n`

test('reads what came after the clock was set back, though its name sorts before what is known', async (t) => {
  const { path, seen, readLines } = setUp(t)
  writeFileSync(path, at('02:00:00', 'one'))
  await readLines(1)
  renameSync(path, `${path}.20261025-025900`)
  writeFileSync(path, at('01:00:00', 'two'))
  renameSync(path, `${path}.20261025-020500`)
  writeFileSync(path, at('01:05:00', 'three'))
  await readLines(3)
  renameSync(path, `${path}.20261025-020900`)
  writeFileSync(path, at('01:09:00', 'four'))
  await readLines(4)
  assert.deepEqual(
    seen.map((line) => line.split(' ').at(-1)),
    ['one', 'two', 'three', 'four'],
  )
})

test('reads after a restart in the order in which the files came, whatever their names say', async (t) => {
  const first = setUp(t)
  const history = new Map<string, Checkpoint>()
  const { path } = first
  const beginnings = ['02:00:00', '01:00:00', '01:30:00'].map((time, index) => at(time, `line ${index}`))
  for (const [index, line] of beginnings.entries()) {
    writeFileSync(path, line)
    const none = { stdout: ByteRanges.none, stderr: ByteRanges.none, isDone: false }
    history.set(`u/c/0/${fingerprintOf(Buffer.from(line))}`, { ...none, order: index + 1 })
    if (index < 2) renameSync(path, `${path}.20261025-02${50 - index * 20}00`)
  }
  appendFileSync(path, at('01:31:00', 'later'))
  const second = setUp(t, { history, path })
  await second.readLines(4)
  assert.deepEqual(
    second.seen.map((line) => line.split('F ').at(-1)),
    ['line 0', 'line 1', 'line 2', 'later'],
  )
})

test('tells the place of each file once, as soon as its first line is whole', async (t) => {
  const { path, places, readLines } = setUp(t)
  for (const [index, line] of ['one', 'two', 'three'].entries()) {
    writeFileSync(path, `${line}\n`)
    await readLines(index + 1)
    renameSync(path, `${path}.20260101-00000${index}`)
  }
  writeFileSync(path, 'four\n')
  await readLines(4)
  const keyOf = (line: string) => `u/c/0/${fingerprintOf(Buffer.from(`${line}\n`))}`
  assert.deepEqual(places, [
    [keyOf('one'), 1],
    [keyOf('two'), 2],
    [keyOf('three'), 3],
    [keyOf('four'), 4],
  ])
})

test('goes on in a file that was closed while it was at rest, where it was left, rotated meanwhile or not', async (t) => {
  for (const isRotated of [false, true]) {
    const { path, log, seen, turn, readLines } = setUp(t)
    writeFileSync(path, 'one\n')
    assert.equal(await log.park(), false, 'nothing is open')
    await readLines(1)
    await turn()
    assert.equal(await log.park(), true)
    assert.deepEqual([log.openCount, log.isAtRest, await turn()], [0, true, 'idle'])
    assert.deepEqual((await log.progress()).reading, { path, offset: 4 })
    appendFileSync(path, 'two\n')
    if (isRotated) renameSync(path, `${path}.20260101-000000`)
    if (isRotated) writeFileSync(path, 'three\n')
    await readLines(isRotated ? 3 : 2)
    assert.deepEqual(seen, ['one', 'two', 'three'].slice(0, isRotated ? 3 : 2))
  }
})

test('goes on in a file that had no whole line yet when it was closed, rotated meanwhile or not', async (t) => {
  for (const beginning of ['', 'o'])
    for (const isRotated of [false, true]) {
      const { path, log, seen, turn, readLines } = setUp(t)
      writeFileSync(path, beginning)
      await turn()
      await turn()
      assert.equal(await log.park(), true, `with ${JSON.stringify(beginning)}`)
      assert.deepEqual([log.openCount, log.isAtRest, await turn()], [0, true, 'idle'])
      appendFileSync(path, 'one\n')
      log.noteGrowth()
      if (isRotated) renameSync(path, `${path}.20260101-000000`)
      if (isRotated) writeFileSync(path, 'two\n')
      await readLines(isRotated ? 2 : 1)
      assert.deepEqual(seen, [`${beginning}one`, 'two'].slice(0, isRotated ? 2 : 1))
    }
})

test('does not close a file of which bytes are unread, that is rotated, or gone', async (t) => {
  const { path, log, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await log.open()
  assert.equal(await log.park(), false)
  await readLines(1)
  appendFileSync(path, 'two\n')
  assert.equal(await log.park(), false)
  await readLines(2)
  renameSync(path, `${path}.20260101-000000`)
  assert.equal(await log.park(), false)
  writeFileSync(path, 'three\n')
  assert.equal(await log.park(), false)
})

for (const [content, hasGrown] of [
  ['one\n', false],
  ['one\n', true],
  ['', false],
  ['', true],
] as const) {
  const told = hasGrown ? 'and tells that it had grown' : 'and tells nothing'
  test(`is finished when its ${content === '' ? 'empty ' : ''}file was deleted while it was closed, ${told}`, async (t) => {
    const { path, log, turn, readLines, finished } = setUp(t)
    writeFileSync(path, content)
    if (content === '') await turn()
    else await readLines(1)
    await turn()
    assert.equal(await log.park(), true)
    log.noteGrowth() // of what was read
    if (hasGrown) {
      appendFileSync(path, 'two\n')
      log.noteGrowth()
    }
    rmSync(path)
    log.unlink()
    if (hasGrown) assert.equal(await turn(), 'lost')
    assert.equal(await turn(), 'finished')
    assert.equal(finished(), true)
  })
}

test('goes on where it was left in files that were closed unread for others, compressed meanwhile or not', async (t) => {
  for (const isCompressed of [false, true]) {
    const { path, log, seen, turn, readLines } = setUp(t)
    const rotated = `${path}.20260101-000000`
    writeFileSync(rotated, 'one\ntwo\n')
    writeFileSync(path, 'three\n')
    await readLines(2)
    assert.deepEqual([log.openCount, await log.release(), log.openCount], [2, true, 0])
    if (isCompressed) writeFileSync(`${rotated}.gz`, gzipSync('one\ntwo\n'))
    if (isCompressed) rmSync(rotated)
    appendFileSync(path, 'four\n')
    await readLines(4)
    assert.equal(await turn(), 'idle')
    assert.deepEqual(seen, ['one', 'two', 'three', 'four'])
  }
})

test('tells that a file was deleted after it was closed unread, and does not close what is deleted', async (t) => {
  const { path, log, seen, turn, readLines } = setUp(t)
  const rotated = `${path}.20260101-000000`
  writeFileSync(rotated, 'one\n')
  writeFileSync(path, 'two\n')
  await log.open()
  assert.equal(await log.release(), true)
  rmSync(rotated)
  assert.equal(await turn(), 'lost')
  await readLines(1)
  assert.deepEqual(seen, ['two'])
  appendFileSync(path, 'three\n')
  renameSync(path, rotated)
  rmSync(rotated)
  assert.equal(await log.release(), false)
  writeFileSync(path, 'four\n')
  await readLines(3)
  assert.deepEqual(seen, ['two', 'three', 'four'])
})

test('does not take a file for its own that has the inode of the one that was deleted while it was closed', async (t) => {
  const { path, log, turn, readLines } = setUp(t)
  writeFileSync(path, 'one\n')
  await readLines(1)
  await turn()
  assert.equal(await log.park(), true)
  const file = log.live
  assert.ok(file !== undefined && log.isAt(file))
  rmSync(path)
  assert.equal(log.isAt(file), false)
})

test('places a file that had no first line when its successor was seen before that one', async (t) => {
  const [one, two, three] = [at('02:00:00', 'one'), at('02:00:01', 'two'), at('02:00:01', 'three')]
  const none = { stdout: ByteRanges.none, stderr: ByteRanges.none, isDone: false }
  const keyOf = (line: string) => `u/c/0/${fingerprintOf(Buffer.from(line))}`
  const history = new Map([
    [keyOf(one), { ...none, order: 1 }],
    [keyOf(three), { ...none, order: 3 }],
  ])
  const { path, places, seen, readLines } = setUp(t, { history })
  writeFileSync(`${path}.20261025-020000`, one)
  writeFileSync(`${path}.20261025-020001`, two)
  writeFileSync(path, three)
  await readLines(3)
  assert.deepEqual(`${seen.join('\n')}\n`, one + two + three)
  assert.deepEqual(places, [[keyOf(two), 2.5]])
})
