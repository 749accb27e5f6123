import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { view } from '../../src/commands/view.ts'
import { entryOf } from '../../src/formats/loggy-record.ts'
import { createNdjson } from '../../src/formats/ndjson.ts'
import { type SchemaName, schemas } from '../../src/formats/schemas/schemas.ts'

/** What main.ts does for this command. */
const runner = `
import { view } from ${JSON.stringify(new URL('../../src/commands/view.ts', import.meta.url).href)}
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
const { stdin, stdout, stderr, env } = process
process.exitCode = await view(process.argv.slice(1), { stdin, stdout, stderr, env, signal: stop.signal })
`

function entry(log: string, kubernetes: object = {}, rest: object = {}): string {
  const names = { namespace: 'shop', pod: 'web-1', container: 'app' }
  return `${JSON.stringify({ time: '2026-11-22T07:00:00.5Z', stream: 'stdout', log, kubernetes: { ...names, ...kubernetes }, ...rest })}\n`
}

const agentLine = '{"level":"info","message":"started","node":"node-1"}\n'
const notice = 'Found 2 pods, using pod/loggy-abc\n'

test('shows the entries of a pipe as text, without colour', async (t) => {
  const shown = await run(t, ['--utc'], entry('hello') + entry('oh no', {}, { stream: 'stderr' }))
  assert.deepEqual(shown, {
    code: 0,
    stdout: '07:00:00.500Z web-1/app | hello\n07:00:00.500Z web-1/app ! oh no\n',
    stderr: '',
  })
})

test('filters by label and annotation', async (t) => {
  const input =
    entry('1', { labels: { app: 'web' }, annotations: { team: 'payments' } }) +
    entry('2', { labels: { app: 'web' } }) +
    entry('3', { annotations: { team: 'payments' } })
  const shown = await run(t, ['--utc', '-l', 'app=web', '-A', 'team=payments'], input)
  assert.equal(shown.stdout, '07:00:00.500Z web-1/app | 1\n')
})

test('shows entries of each schema, and filters by level', async (t) => {
  const kubernetes =
    '"kubernetes":{"namespace":"shop","pod":"web-1","container":"app","labels":{"app.kubernetes.io/name":"web"}}'
  const lines = ['warn', 'info'].flatMap((level) =>
    Object.keys(schemas).map((name) => {
      const own = `{"time":"2026-11-22T07:00:00.5Z","stream":"stderr","level":"${level}","log":"${level} ${name}",${kubernetes}}`
      return Buffer.from(entryOf(Buffer.from(own), createNdjson(name as SchemaName))?.bytes ?? []).toString()
    }),
  )
  const argv = ['--utc', '--min-level', 'warn', '-l', 'app.kubernetes.io/name=web']
  const shown = await run(t, argv, `${lines.join('')}\n${entry('no level')}`)
  const expected = Object.keys(schemas).map((name) => `07:00:00.500Z web-1/app ! warn ${name}\n`)
  assert.equal(shown.stdout, expected.join(''))
})

test('passes the bytes of entries unchanged as json, and nothing else', async (t) => {
  const odd = Buffer.concat([
    Buffer.from(
      ' {"log":"\\u00e9 \xff", "kubernetes": {"pod":"p","namespace":"n","container":"c"},  "extra":1e3}\r\n',
      'latin1',
    ),
    Buffer.from(entry('日本 \x1b[31mred')),
  ])
  const input = Buffer.concat([Buffer.from(agentLine + notice), odd])
  const child = start(t, ['-o', 'json'])
  child.stdin.end(input)
  const [output] = await Promise.all([child.stdout.toArray(), once(child, 'close')])
  assert.deepEqual(Buffer.concat(output), odd)
})

test('shows a last line without a newline, and a very long one', async (t) => {
  const long = 'x'.repeat(3 * 1024 * 1024)
  const shown = await run(t, ['--utc'], entry(long) + entry('end').trimEnd())
  assert.equal(shown.stdout, `07:00:00.500Z web-1/app | ${long}\n07:00:00.500Z web-1/app | end\n`)
})

test('shows foreign lines made harmless, and leaves out those of the agent', async (t) => {
  const shown = await run(t, ['--utc'], `${notice}${agentLine}{"log":\x1b[2J\n\n${entry('x')}`)
  assert.equal(shown.stdout, `${notice}{"log":\\x1b[2J\n07:00:00.500Z web-1/app | x\n`)
  assert.equal(shown.stderr, '')
})

test('shows the lines of the agent when asked to', async (t) => {
  const shown = await run(t, ['--utc', '--agent'], agentLine + entry('x'))
  assert.equal(shown.stdout, `${agentLine}07:00:00.500Z web-1/app | x\n`)
})

test('counts the foreign lines that a filter or json leaves out', async (t) => {
  for (const argv of [
    ['--pod', 'web-*'],
    ['-o', 'json'],
  ]) {
    const shown = await run(t, argv, notice + agentLine + notice + entry('x'))
    assert.equal(shown.stderr, 'loggy view: skipped 2 lines: not an entry\n')
    assert.equal(shown.stdout.split('\n').length, 2)
    assert.equal(shown.code, 0)
  }
})

test('colours a pipe when told to', async (t) => {
  const shown = await run(t, ['--color', 'always'], entry('x'))
  assert.ok(shown.stdout.includes('mweb-1/app\x1b[39m | x\n'), shown.stdout)
})

test('shows an entry at once, while the pipe stays open', async (t) => {
  const child = start(t, [])
  child.stdin.write(entry('now'))
  const [chunk] = await once(child.stdout, 'data')
  assert.match(String(chunk), /\| now\n$/)
})

test('ends quietly when the reader of its output has seen enough, and so ends the writer of its input', async (t) => {
  const child = start(t, ['--stream', 'stdout'])
  const stderr = text(child.stderr)
  const closed = once(child, 'close')
  child.stdin.on('error', () => {})
  child.stdin.write(notice)
  const batch = entry('more').repeat(1000)
  const feed = setInterval(() => child.stdin.write(batch), 1)
  t.after(() => clearInterval(feed))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  assert.deepEqual(await closed, [0, null])
  assert.equal(await stderr, '')
})

test('does not read on while nobody reads its output', async (t) => {
  const child = start(t, ['-o', 'json'])
  child.stdin.on('error', () => {})
  const batch = Buffer.from(entry('x'.repeat(1000)).repeat(16))
  let sentBytes = 0
  const send = () =>
    child.stdin.write(batch, (error) => {
      sentBytes += batch.length
      if (!error && sentBytes < 64 * 1024 * 1024) send()
    })
  child.stdout.pause()
  send()
  let before = -1
  // Until a third of a second goes by in which nothing more is taken.
  while (sentBytes === 0 || before !== sentBytes) {
    before = sentBytes
    await delay(333)
  }
  assert.ok(sentBytes < 8 * 1024 * 1024, `took ${sentBytes} bytes`)
})

test('follows a file over append and rotation until it is interrupted', async (t) => {
  const path = join(await directory(t), 'entries.ndjson')
  await writeFile(path, entry('1'))
  const child = start(t, ['--utc', '-f', path])
  const closed = once(child, 'close')
  let shown = ''
  let told = ''
  child.stdout.on('data', (chunk) => (shown += chunk))
  child.stderr.on('data', (chunk) => (told += chunk))
  await until(() => shown.endsWith('| 1\n'))
  await appendFile(path, entry('2'))
  await until(() => shown.endsWith('| 2\n'))
  await rename(path, `${path}.1`)
  await writeFile(path, entry('3'))
  await until(() => shown.endsWith('| 3\n'))
  await writeFile(path, entry('4, after a truncation'))
  await until(() => shown.endsWith('| 4, after a truncation\n'))
  child.kill('SIGINT')
  assert.deepEqual(await closed, [130, null])
  assert.equal(shown.split('\n').length, 5)
  assert.match(told, /^loggy view: \S+ was replaced; .*\nloggy view: \S+ was truncated; .*\n$/)
})

test('is interrupted while it waits for a pipe', async (t) => {
  const child = start(t, [])
  const closed = once(child, 'close')
  child.stdin.write(entry('x'))
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  assert.deepEqual(await closed, [130, null])
})

test('names every fault of its arguments and exits with 2', async (t) => {
  const shown = await run(t, ['--grep', '(', '--since', 'soon'], '')
  assert.equal(shown.code, 2)
  assert.equal(shown.stdout, '')
  assert.match(
    shown.stderr,
    /^loggy view: --grep "\(": .*\nloggy view: --since "soon": .*\nSee 'loggy view --help' for usage\.\n$/,
  )
})

test('says that a file cannot be read and exits with 1', async (t) => {
  for (const argv of [['/no/such/file'], ['-f', '/no/such/file'], [tmpdir()], ['-f', tmpdir()]]) {
    const shown = await run(t, argv, '')
    assert.equal(shown.code, 1)
    assert.match(shown.stderr, /^loggy view: (ENOENT|EISDIR): [^\n]*\n$/)
  }
})

test('explains itself when asked to, and to a person who gives it nothing to read', async () => {
  const asked = await viewOnTerminal(['--help'])
  assert.deepEqual([asked.code, asked.stderr], [0, ''])
  assert.match(asked.stdout, /^Usage: loggy view/)
  const silent = await viewOnTerminal([])
  assert.deepEqual([silent.code, silent.stdout, silent.stderr], [2, '', asked.stdout])
})

async function viewOnTerminal(argv: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await view(argv, { stdin, stdout, stderr, env: {}, signal: new AbortController().signal })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

function start(t: TestContext, argv: readonly string[]): ChildProcessWithoutNullStreams {
  const { FORCE_COLOR: _, ...env } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '-e', runner, '--', ...argv], { env })
  t.after(() => child.kill('SIGKILL'))
  return child
}

async function run(t: TestContext, argv: readonly string[], input: string) {
  const child = start(t, argv)
  // A process that does not want its input closes it.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'loggy-view-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, 'nothing came of it within 10 s')
    await delay(5)
  }
}
