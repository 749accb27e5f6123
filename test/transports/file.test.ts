import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ndjson } from '../../src/formats/ndjson.ts'
import type { AppendOptions } from '../../src/lib/append-file.ts'
import { SinkError } from '../../src/lib/sink-error.ts'
import { FileTransport } from '../../src/transports/file.ts'
import { AckedDelivery, batchOf, textOf } from '../delivery/acked-delivery.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { createPipe } from '../support/pipe.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'
import { watch } from '../support/watch.ts'

const plain: AppendOptions = { rotate: { maxBytes: 0, keep: 1 }, fsync: false }

function openSink(t: TestContext, path: string, more: Partial<AppendOptions> = {}) {
  const log = recordedLog()
  const transport = new FileTransport(path, { ...plain, ...more })
  const deadLetter = { path: '/nowhere/letters', maxBytes: 1 << 20 }
  const fixed = { name: 'file', format: ndjson, compression: 'none', retryFor: 0, deadLetter } as const
  const sink = new AckedDelivery({ ...fixed, transport }, { clock: hastyClock(), log })
  t.after(() => sink.close())
  return { sink, log, text: () => readFileSync(path, 'utf8') }
}

const newPath = (t: TestContext) => join(temporaryDirectory(t), 'logs', 'entries')

for (const fsync of [false, true]) {
  test(`entries follow what the file had, fsync ${fsync}`, async (t) => {
    const path = newPath(t)
    mkdirSync(join(path, '..'))
    writeFileSync(path, textOf(batchOf(0, 3)))
    const { sink, text } = openSink(t, path, { fsync })
    await Promise.all([sink.write(batchOf(3, 2)), sink.write(batchOf(5, 2))])
    assert.equal(text(), textOf(batchOf(0, 7)))
  })
}

test('a line that a kill has torn is cut off at the next start', async (t) => {
  for (const [left, kept] of [
    [`${textOf(batchOf(0, 2))}{"time":"2026`, textOf(batchOf(0, 2))],
    ['{"time":', ''],
    [`${textOf(batchOf(0, 1))}${'x'.repeat(200_000)}`, textOf(batchOf(0, 1))],
  ] as const) {
    const path = newPath(t)
    mkdirSync(join(path, '..'))
    writeFileSync(path, left)
    const { sink, text } = openSink(t, path)
    await sink.write(batchOf(7, 1))
    assert.equal(text(), kept + textOf(batchOf(7, 1)))
  }
})

test('a path that cannot be opened is told at once', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'file'), '')
  for (const path of [directory, join(directory, 'file', 'entries')]) {
    assert.throws(
      () => new FileTransport(path, plain),
      (error) => error instanceof SinkError && error.code === 'FILE_FAILED',
    )
  }
})

test('a file that was moved, removed or emptied is followed by a new one, from a whole line on', async (t) => {
  const path = newPath(t)
  const { sink, log, text } = openSink(t, path)
  await sink.write(batchOf(0, 2))
  renameSync(path, `${path}.moved`)
  await sink.write(batchOf(2, 2))
  assert.equal(readFileSync(`${path}.moved`, 'utf8'), textOf(batchOf(0, 2)))
  assert.equal(text(), textOf(batchOf(2, 2)))
  rmSync(join(path, '..'), { recursive: true })
  await sink.write(batchOf(4, 2))
  assert.equal(text(), textOf(batchOf(4, 2)))
  truncateSync(path)
  await sink.write(batchOf(6, 2))
  assert.equal(text(), textOf(batchOf(6, 2)))
  assert.deepEqual(log.lines, [])
})

test('before a batch that would be too much the file is set aside, and as many as allowed are kept', async (t) => {
  const path = newPath(t)
  const size = batchOf(10, 10).bytes.length
  const { sink, text } = openSink(t, path, { rotate: { maxBytes: size * 2 + 1, keep: 2 } })
  for (let first = 10; first < 100; first += 10) await sink.write(batchOf(first, 10))
  assert.equal(text(), textOf(batchOf(90, 10)))
  assert.equal(readFileSync(`${path}.1`, 'utf8'), textOf(batchOf(70, 20)))
  assert.equal(readFileSync(`${path}.2`, 'utf8'), textOf(batchOf(50, 20)))
  assert.equal(existsSync(`${path}.3`), false)
})

test('a batch larger than the limit has a file of its own', async (t) => {
  const path = newPath(t)
  const { sink, text } = openSink(t, path, { rotate: { maxBytes: 100, keep: 2 } })
  await sink.write(batchOf(0, 10))
  await sink.write(batchOf(10, 10))
  assert.equal(text(), textOf(batchOf(10, 10)))
  assert.equal(readFileSync(`${path}.1`, 'utf8'), textOf(batchOf(0, 10)))
  assert.equal(existsSync(`${path}.2`), false)
})

test('a full disk is reported once and waited out, and nothing is lost', async (t) => {
  const directory = temporaryDirectory(t)
  const path = join(directory, 'entries')
  symlinkSync('/dev/full', path)
  const { sink, log, text } = openSink(t, path)
  const writes = [sink.write(batchOf(0, 5)), sink.write(batchOf(5, 5))].map(watch)
  await waitUntil('the report', () => log.lines.length > 0)
  assert.deepEqual(
    log.lines.map(({ level, fields }) => [level, fields.destination]),
    [['error', path]],
  )
  assert.match(String(log.lines[0]?.fields.error), /ENOSPC/)
  assert.deepEqual(
    writes.map(({ state }) => state),
    ['pending', 'pending'],
  )
  rmSync(path)
  await Promise.all(writes.map(({ promise }) => promise))
  assert.equal(text(), textOf(batchOf(0, 10)))
  assert.equal(log.lines.length, 1)
})

test('what was written in part before a fault is taken back, and all of it is written again', async (t) => {
  const directory = smallFileSystem(t)
  const path = join(directory, 'entries')
  const { sink, log, text } = openSink(t, path)
  await sink.write(batchOf(0, 100))
  const filler = join(directory, 'filler')
  // Leaves less room than the smallest request that is tried after failures, 64 KiB.
  writeFileSync(filler, 'x'.repeat(SMALL_BYTES - textOf(batchOf(0, 100)).length - 40_000))
  const write = watch(sink.write(batchOf(100, 3000)))
  await waitUntil('the report', () => log.lines.length > 0)
  assert.match(String(log.lines[0]?.fields.error), /ENOSPC/)
  // It is tried again and again meanwhile, each time in part.
  await waitUntil('only whole lines are there', () => text() === textOf(batchOf(0, 100)))
  const { length } = textOf(batchOf(0, 50)) // before there is room: the next try may come at once
  rmSync(filler)
  truncateSync(path, length) // whoever makes room may do so here, too
  await write.promise
  assert.equal(text(), textOf(batchOf(0, 50), batchOf(100, 3000)))
})

const SMALL_BYTES = 400 * 1024

/** A file system of that size for the time of the test. */
function smallFileSystem(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'loggy-test-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'loggy-test', directory])
  t.after(() => {
    execFileSync('umount', ['--lazy', directory])
    rmdirSync(directory)
  })
  return directory
}

test('a write that fails half way is made anew in another file', async (t) => {
  const pipe = createPipe(t)
  const { sink, text } = openSink(t, pipe.path)
  const batch = batchOf(0, 2000)
  const write = sink.write(batch)
  let taken = ''
  await waitUntil('the write has begun', () => {
    taken ||= pipe.sip()
    return taken !== ''
  })
  renameSync(pipe.path, `${pipe.path}.moved`)
  pipe.close()
  await write
  assert.ok(textOf(batch).startsWith(taken))
  assert.equal(text(), textOf(batch))
})

test('a directory that cannot be written to is waited out', async (t) => {
  const path = newPath(t)
  const { sink, log, text } = openSink(t, path)
  rmSync(join(path, '..'), { recursive: true })
  writeFileSync(join(path, '..'), 'no directory')
  const write = watch(sink.write(batchOf(0, 1)))
  await waitUntil('the report', () => log.lines.length > 0)
  assert.equal(write.state, 'pending')
  rmSync(join(path, '..'))
  await write.promise
  assert.equal(text(), textOf(batchOf(0, 1)))
})
