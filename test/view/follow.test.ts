import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeSync } from 'node:fs'
import { appendFile, mkdtemp, open, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { followFile } from '../../src/view/follow.ts'

test('reads what is there, then what is appended', async (t) => {
  const { path, follow } = await logFile(t, 'one\n')
  const seen = follow()
  await seen.becomes('one\n')
  for (let count = 0; count < 20; count += 1) await appendFile(path, `line ${count}\n`)
  await seen.becomes(await readFile(path, 'utf8'))
})

test('brings what is appended as soon as it is written, not when it is time to look', async (t) => {
  const { path, follow } = await logFile(t, 'one\n')
  // Time stands still: a sleep ends only when it is woken.
  const seen = follow({ sleep: (_milliseconds, signal) => systemClock.sleep(2 ** 31 - 1, signal) })
  await seen.becomes('one\n')
  await appendFile(path, 'two\n')
  await seen.becomes('one\ntwo\n')
  await appendFile(path, 'three\n')
  await seen.becomes('one\ntwo\nthree\n')
})

test('keeps a character whole that is written in two pieces', async (t) => {
  const { path, follow } = await logFile(t, '')
  const seen = follow()
  const bytes = Buffer.from('日本\n')
  for (const byte of bytes) {
    await appendFile(path, Buffer.of(byte))
    await seen.hasLength((await readFile(path)).length)
  }
  await seen.becomes('日本\n')
})

test('reads a truncated file from its start', async (t) => {
  const { path, follow } = await logFile(t, 'a long first line\n')
  const seen = follow()
  await seen.becomes('a long first line\n')
  await truncate(path)
  await appendFile(path, 'short\n')
  await seen.becomes('a long first line\nshort\n')
  await appendFile(path, 'and on\n')
  await seen.becomes('a long first line\nshort\nand on\n')
  assert.match(seen.notices.join(), /was truncated/)
})

test('reads a rewritten file from its start although it is longer than before', async (t) => {
  const { path, follow } = await logFile(t, 'first run\n')
  const seen = follow()
  await seen.becomes('first run\n')
  await writeFile(path, 'second run, which says more\n')
  await seen.becomes('first run\nsecond run, which says more\n')
})

describe('while files take turns at the path', { concurrency: true }, () => {
  test('reads the rest of a renamed file before its successor', async (t) => {
    const { path, follow } = await logFile(t, '1\n')
    const seen = follow()
    await seen.becomes('1\n')
    const writer = await open(path, 'a')
    await rename(path, `${path}.old`)
    await writeFile(path, '3\n')
    await writer.write('2\n')
    await writer.close()
    await seen.becomes('1\n2\n3\n')
    await appendFile(path, '4\n')
    await seen.becomes('1\n2\n3\n4\n')
    assert.match(seen.notices.join(), /was replaced/)
  })

  test('reads what is written to a replaced file a moment after its successor was found', async (t) => {
    const { path, follow } = await logFile(t, '1\n')
    const writer = await open(path, 'a')
    const { ino } = statSync(path)
    let isWritten = false
    const seen = follow({
      sleep: (milliseconds, signal) => {
        if (!isWritten && statSync(path).ino !== ino) {
          isWritten = true
          writeSync(writer.fd, '2\n')
        }
        return systemClock.sleep(milliseconds, signal)
      },
    })
    await seen.becomes('1\n')
    await writeFile(`${path}.new`, '3\n')
    await rename(`${path}.new`, path)
    await seen.becomes('1\n2\n3\n')
    await writer.close()
  })

  test('notices that a link points to another file, of which no event tells', async (t) => {
    const { path, follow } = await logFile(t, '')
    for (const name of ['1', '2']) await writeFile(`${path}.${name}`, `${name}\n`)
    const link = (name: string) => symlink(`${path}.${name}`, `${path}.link`).then(() => rename(`${path}.link`, path))
    await link('1')
    const seen = follow()
    await seen.becomes('1\n')
    await link('2')
    await seen.becomes('1\n2\n')
  })

  test('ends an unfinished last line when another file takes its place', async (t) => {
    const { path, follow } = await logFile(t, 'cut sho')
    const seen = follow()
    await seen.becomes('cut sho')
    await rename(path, `${path}.old`)
    await writeFile(path, 'next\n')
    await seen.becomes('cut sho\nnext\n')
  })

  test('waits for a removed file to come back, and says so once', async (t) => {
    const { path, follow } = await logFile(t, '1\n')
    const seen = follow()
    await seen.becomes('1\n')
    await rm(path)
    await until(() => seen.notices.length > 0)
    // More rounds of looking, in which it must not say so again.
    await delay(600)
    await writeFile(path, '2\n')
    await seen.becomes('1\n2\n')
    assert.equal(seen.notices.filter((notice) => notice.includes('waiting for a new one')).length, 1)
  })

  test('brings every byte once and in order, however writing, rotating and reading fall together', async (t) => {
    const { path, follow } = await logFile(t, '')
    const seen = follow({ pause: () => delay(Math.random() * 3) })
    let written = ''
    for (let rotations = 0; rotations < 3; rotations += 1) {
      for (let count = 0; count < 150; count += 1) {
        const text = `${rotations} ${count} ${'日'.repeat(Math.random() * 3000)}\n`
        written += text
        await appendFile(path, text)
        if (Math.random() < 0.1) await delay(Math.random() * 20)
      }
      const noticesBefore = seen.notices.length
      await rename(path, `${path}.${rotations}`)
      await writeFile(path, '')
      // A file that is replaced before anyone saw it cannot be read.
      await until(() => seen.notices.slice(noticesBefore).some((notice) => notice.includes('was replaced')))
    }
    await seen.becomes(written)
  })

  test('misses nothing of a writer that is at work when the following begins', async (t) => {
    const { path, follow } = await logFile(t, '')
    // Slow enough to be caught up with, fast enough to write while `tail` is being started.
    const script = `const { appendFileSync } = require('node:fs')
    for (let count = 0; count < 3000; count += 1) {
      appendFileSync(process.argv[1], count + '\\n')
      for (const end = performance.now() + 0.2; performance.now() < end; );
    }`
    const writer = spawn(process.execPath, ['-e', script, path], { stdio: 'inherit' })
    const closed = once(writer, 'close')
    await until(() => statSync(path).size > 0)
    const followers: ReturnType<typeof follow>[] = []
    while (writer.exitCode === null) {
      followers.push(follow())
      await delay(20)
    }
    assert.deepEqual(await closed, [0, null])
    const written = await readFile(path, 'utf8')
    for (const seen of followers) await seen.becomes(written)
  })
})

test('holds little while its reader is busy, and loses nothing', async (t) => {
  const { path } = await logFile(t, 'first\n')
  const reader = spawn(process.execPath, ['--expose-gc', new URL('busy-reader.ts', import.meta.url).pathname, path])
  t.after(() => reader.kill())
  reader.stderr.pipe(process.stderr)
  const { heldMegabytes, bytes } = (await json(reader.stdout)) as { heldMegabytes: number; bytes: number }
  assert.ok(heldMegabytes < 16, `held ${heldMegabytes} MiB`)
  assert.equal(bytes, 6 + 64 * 1024 * 1024)
})

test('rejects when there is no such file', async (t) => {
  const { path } = await logFile(t, '')
  const { signal } = new AbortController()
  const chunks = followFile(`${path}.typo`, { clock: systemClock, signal, notify: () => {} })
  await assert.rejects(chunks.next(), { code: 'ENOENT' })
})

interface FollowTest {
  readonly sleep?: Clock['sleep']
  /** Before each chunk after which the next is asked for. */
  readonly pause?: () => Promise<void>
}

async function logFile(t: TestContext, text: string) {
  const directory = await mkdtemp(join(tmpdir(), 'loggy-follow-'))
  const path = join(directory, 'entries.ndjson')
  await writeFile(path, text)
  const stop = new AbortController()
  const ends: Promise<void>[] = []
  t.after(async () => {
    stop.abort()
    await Promise.all(ends)
    await rm(directory, { recursive: true })
  })

  const follow = ({ pause, sleep = systemClock.sleep }: FollowTest = {}) => {
    const notices: string[] = []
    const chunks: Buffer[] = []
    let length = 0
    const notify = (notice: string) => notices.push(notice)
    const read = async () => {
      for await (const chunk of followFile(path, { clock: { ...systemClock, sleep }, signal: stop.signal, notify })) {
        length += chunk.length
        chunks.push(chunk)
        await pause?.()
      }
    }
    ends.push(read())
    const text = () => Buffer.concat(chunks).toString()
    return {
      notices,
      becomes: (expected: string) =>
        until(
          () => text() === expected,
          () => assert.equal(text(), expected),
        ),
      hasLength: (expected: number) =>
        until(
          () => length === expected,
          () => assert.equal(length, expected),
        ),
    }
  }
  return { path, follow }
}

async function until(isTrue: () => boolean, explain: () => void = () => {}): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!isTrue()) {
    if (performance.now() > deadline) {
      explain()
      assert.fail('nothing came of it within 10 s')
    }
    await delay(5)
  }
}
