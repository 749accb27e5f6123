import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { writeDeadLetter } from '../../src/delivery/dead-letter.ts'
import { Collector } from '../support/collector.ts'
import { program } from '../support/program.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A configuration that says nothing: standard output. */
function emptyConfig(t: TestContext): string {
  const path = join(temporaryDirectory(t), 'loggy.yaml')
  writeFileSync(path, '{}')
  return path
}

/** A dead letter of an entry with that number. */
function letter(n: number, { sink = 'http', tenant = '', padding = 0 } = {}): string {
  const entry = `{"time":"2026-01-01T00:00:00Z","log":"line ${n}","n":${n},"pad":"${'x'.repeat(padding)}"}`
  return writeDeadLetter(Buffer.from(entry), {
    sink,
    status: 400,
    reason: 'no',
    at: '2026-01-01T00:00:00Z',
    tenant,
  }).toString()
}

async function setUp(t: TestContext) {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const path = join(temporaryDirectory(t), 'dead-letter.ndjson')
  const env = { PATH: process.env.PATH, LOGGY_SINK_TYPE: 'http', LOGGY_SINK_URL: collector.url, NODE_NAME: 'node' }
  const start = (...options: string[]) => {
    const { LOGGY_SINK_TYPE, LOGGY_SINK_URL, ...others } = env
    const childEnv = options.includes('--config') ? others : env
    const child = spawn(process.execPath, [program, 'replay', path, ...options], {
      env: childEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const text = { out: '', error: '' }
    child.stdout.on('data', (bytes) => (text.out += bytes))
    child.stderr.on('data', (bytes) => (text.error += bytes))
    return { child, text, ended: once(child, 'close').then(([code]) => code as number) }
  }
  const replay = async (...options: string[]) => {
    const { text, ended } = start(...options)
    return { code: await ended, ...text }
  }
  const numbers = () => collector.received().map((line) => JSON.parse(line).n as number)
  const left = () => {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
    return lines.map((line) => JSON.parse(line) as { n: number; deadLetter?: { reason: string } })
  }
  const aside = () => readdirSync(dirname(path)).filter((name) => name !== basename(path))
  return { collector, path, start, replay, numbers, left, aside }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

test('entries are sent again as they were, and the file is gone', async (t) => {
  const { collector, path, replay, aside } = await setUp(t)
  const entry = '{"time":"2026-01-01T00:00:00Z","json":{"id":12345678901234567890,"deadLetter":{"a":1}},"log":"x"}'
  const why = { sink: 'http', status: 422, reason: 'no', at: '2026-01-01T00:00:00Z', tenant: '' }
  writeFileSync(path, writeDeadLetter(Buffer.from(entry), why))
  appendFileSync(path, '{"log":"written by jq","deadLetter":{"sink":"http"},"n":1.0}\n{"log":"bare"}\n')
  const { code, out, error } = await replay()
  assert.deepEqual([code, out, error], [0, '3 sent, 0 refused again, 0 kept unsent\n', ''])
  assert.deepEqual(collector.received(), [entry, '{"log":"written by jq","n":1}', '{"log":"bare"}'])
  assert.equal(existsSync(path), false)
  assert.deepEqual(aside(), [])
})

test('what is refused once more stands in the file again, with its new reason; a second run sends nothing twice', async (t) => {
  const { collector, path, replay, numbers, left, aside } = await setUp(t)
  writeFileSync(
    path,
    upTo(300)
      .map((n) => letter(n))
      .join(''),
  )
  let poison = /"n":(?:7|250)[,}]/
  collector.refuseIf((lines) => (poison.test(lines) ? { status: 422, body: 'still bad' } : undefined))
  const first = await replay()
  assert.deepEqual(
    [first.code, first.out],
    [1, `298 sent, 2 refused again, 0 kept unsent\n${path} has the entries that were not sent\n`],
  )
  assert.deepEqual(sorted(left().map(({ n }) => n)), [7, 250])
  assert.deepEqual(
    left().map(({ deadLetter }) => deadLetter?.reason),
    ['HTTP 422: still bad', 'HTTP 422: still bad'],
  )
  poison = /"n":7[,}]/
  const second = await replay()
  assert.match(second.out, /^1 sent, 1 refused again/)
  assert.deepEqual(
    left().map(({ n }) => n),
    [7],
  )
  assert.deepEqual(
    sorted(numbers()),
    upTo(300).filter((n) => n !== 7),
  )
  assert.deepEqual(aside(), [])
})

test('entries of other sinks, and what is no entry, stay as they are; each goes to its own tenant', async (t) => {
  const { collector, path, replay } = await setUp(t)
  const others = [letter(1, { sink: 'loki' }), 'no JSON\n', '{"deadLetter":{"time":"x","reason":"y"}}\n', '[1]\n']
  writeFileSync(path, [letter(0), ...others, letter(2, { tenant: 'team-a' })].join(''))
  const { code, out } = await replay('--sink', 'http')
  assert.equal(code, 1)
  assert.match(out, /^2 sent, 0 refused again, 4 kept unsent\n/)
  assert.equal(readFileSync(path, 'utf8'), others.join(''))
  const taken = collector.accepted.map(({ headers, lines }) => [headers['x-scope-orgid'], JSON.parse(lines[0] ?? '').n])
  assert.deepEqual(taken, [
    [undefined, 0],
    ['team-a', 2],
  ])
})

test('ended in the middle, by SIGINT or SIGKILL, it goes on where it was, and what is added meanwhile is kept', async (t) => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const { collector, path, start, replay, numbers } = await setUp(t)
    writeFileSync(
      path,
      upTo(4000)
        .map((n) => letter(n, { padding: 900 }))
        .join(''),
    )
    const { child, ended } = start()
    collector.failNext({ status: 204 }, { status: 204 }, 'hold')
    await waitUntil('some are sent and some are on the way', () => collector.heldCount === 1)
    const before = numbers().length
    end(child, signal)
    await ended
    appendFileSync(path, letter(4000))
    const { code } = await replay()
    assert.equal(code, 0)
    assert.deepEqual(sorted([...new Set(numbers())]), upTo(4001))
    assert.ok(before < 4000 && numbers().length - 4001 <= 1100, `${numbers().length - 4001} twice`)
  }
})

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  child.kill(signal)
}

test('two at a time do not send the same', async (t) => {
  const { collector, path, start, replay, numbers } = await setUp(t)
  writeFileSync(path, letter(0))
  collector.failNext('hold')
  const first = start()
  await waitUntil('it is on the way', () => collector.heldCount === 1)
  const second = await replay()
  assert.deepEqual([second.code, second.error], [1, `loggy replay: another replay of ${path} is running\n`])
  collector.release()
  assert.equal(await first.ended, 0)
  assert.deepEqual(numbers(), [0])
})

test('with another configuration than that of the agent, nothing is sent and nothing is lost', async (t) => {
  const { path, replay, numbers } = await setUp(t)
  writeFileSync(path, letter(0) + letter(1))
  const { code, out } = await replay('--config', emptyConfig(t))
  assert.equal(code, 1)
  assert.match(out, /^0 sent, 0 refused again, 2 kept unsent\n/)
  assert.equal(readFileSync(path, 'utf8'), letter(0) + letter(1))
  assert.deepEqual(numbers(), [])
})

test('arguments at fault are told', async (t) => {
  const { path, replay } = await setUp(t)
  assert.match((await replay('--sink', 'loki')).error, /no sink is called 'loki': the configuration has 'http'/)
  assert.match((await replay('another')).error, /expected one FILE\nSee 'loggy replay --help' for usage\.\n$/)
  assert.match((await replay('--sink-url', 'nowhere')).error, /sink\.url/)
  const missing = await replay()
  assert.deepEqual([missing.code, missing.out], [0, '0 sent, 0 refused again, 0 kept unsent\n'])
  assert.match(missing.error, /dead-letter\.ndjson does not exist: nothing to send\n$/)
  assert.equal(existsSync(path), false)
})
