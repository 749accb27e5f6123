import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { LEVELS, rankInJson, rankInText } from '../../src/pipeline/level.ts'
import { type JudgeOptions, Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const time = '2026-11-22T07:00:00.5Z'
const cri = (body: string, tag = 'F') => `${time} stdout ${tag} ${body}\n`

/** The entries of these lines, without what all have. */
function entriesOf(text: string | Uint8Array, options: Partial<JudgeOptions>, maxLineBytes = 1000) {
  const pipeline = new Pipeline({ maxLineBytes, batches: 1 }, systemClock)
  pipeline.configure({ json: false, minLevel: 'trace', ...options })
  const lane = new Lane(someContainer, loggyProgram(Buffer.from(',"kubernetes":{}}\n')))
  const builder = pipeline.newBatch()
  pipeline.encode({ file: { path: '0.log' }, bytes: Buffer.from(text), offset: 0, isFinal: true }, lane, builder)
  const lines = Buffer.from(builder.seal().bytes).toString().split('\n').slice(0, -1)
  const entries = lines.map((line) => {
    const { time: _, stream: __, kubernetes: ___, ...rest } = JSON.parse(line)
    return rest
  })
  return { entries, lines, counters: lane.counters }
}

describe('parse.json', () => {
  test('puts a line that is a JSON object on the entry as it was written', () => {
    const body = '{"level":"info", "n":12345678901234567890,"text":"\\u003c\u2028","nested":{"a":[1]}}'
    const { lines } = entriesOf(cri(body), { json: true })
    assert.deepEqual(lines, [`{"time":"${time}","stream":"stdout","json":${body},"kubernetes":{}}`])
  })

  test('takes docker records and joined partials too', () => {
    const docker = JSON.stringify({ log: '{"a":"\\"<"}\n', stream: 'stdout', time })
    const { entries } = entriesOf(`${docker}\n${cri('{"b":', 'P')}${cri('2}')}`, { json: true })
    assert.deepEqual(entries, [{ json: { a: '"<' } }, { json: { b: 2 } }])
  })

  for (const body of ['{"a":1', '[1]', 'null', 'text', '{"a":1} {"b":2}', '{a:1}', '', '{']) {
    test(`leaves ${JSON.stringify(body)} a text`, () => {
      assert.deepEqual(entriesOf(cri(body), { json: true }).entries, [{ log: body }])
    })
  }

  test('leaves a text what has a newline between its tokens: an entry is one line', () => {
    const log = '{"a":\n1}'
    const docker = JSON.stringify({ log: `${log}\n`, stream: 'stdout', time })
    const odd = JSON.stringify({ time, log: `${log}\n` })
    assert.deepEqual(entriesOf(`${docker}\n${odd}\n`, { json: true }).entries, [{ log }, { log }])
  })

  test('leaves bytes that are no UTF-8 a text, and what was cut', () => {
    const broken = Buffer.concat([Buffer.from(`${time} stdout F {"a":"`), Buffer.of(0xff), Buffer.from('"}\n')])
    assert.deepEqual(entriesOf(broken, { json: true }).entries, [{ log: '{"a":"\ufffd"}' }])
    const long = `{"a":"${'x'.repeat(50)}"}`
    const { entries } = entriesOf(cri(long), { json: true }, 20)
    assert.deepEqual(entries, [{ log: long.slice(0, 20), truncated: true, originalBytes: long.length }])
  })
})

describe('select.minLevel', () => {
  test('leaves out what says it is below, counts it, and settles it', () => {
    const text = cri('{"level":"debug"}') + cri('{"level":"warn"}') + cri('says nothing') + cri('[INFO] hello')
    const { entries, counters } = entriesOf(text, { minLevel: 'warn' })
    assert.deepEqual(entries, [{ level: 'warn', log: '{"level":"warn"}' }, { log: 'says nothing' }])
    assert.deepEqual([counters.lines, counters.entries, counters.filtered], [4, 2, 2])
    assert.equal(counters.bytes, text.length)
  })

  test('delivers what is nearly JSON, whatever words are in its strings', () => {
    const broken = Buffer.concat([
      Buffer.from(cri('{"level":"debug","msg":"[debug] ').slice(0, -1)),
      Buffer.of(0xff),
      Buffer.from('"}\n'),
    ])
    assert.equal(entriesOf(broken, { minLevel: 'info' }).entries.length, 1)
    assert.equal(entriesOf(cri('{ level=debug }'), { minLevel: 'info' }).entries.length, 1)
  })

  test('delivers a docker record whose text becomes longer than any line when it is decoded', () => {
    const record = [
      Buffer.from('{"log":"{'),
      Buffer.alloc(800_000, 0xff),
      Buffer.from(`\\n","stream":"stdout","time":"${time}"}\n`),
    ]
    const { entries } = entriesOf(Buffer.concat(record), { json: true, minLevel: 'warn' })
    assert.equal(entries.length, 1)
    assert.equal(entries[0].truncated, true)
  })

  test('delivers what is not whole, or of no known format, whatever it says', () => {
    assert.deepEqual(entriesOf(cri('[DEBUG] last wor', 'P'), { minLevel: 'error' }).counters.filtered, 0)
    const { entries } = entriesOf('DEBUG no container runtime wrote this\n', { minLevel: 'error' })
    assert.equal(entries[0].malformed, true)
  })
})

describe('a level', () => {
  const cases: [line: string, level: string | undefined][] = [
    ['INFO starting', 'info'],
    ['2026-11-22 07:00:00,123 WARNING disk is nearly full', 'warn'],
    ['2026-11-22T07:00:00.123Z ERROR [main] x', 'error'],
    ['E1122 07:00:00.123456       1 reflector.go:138] failed', 'error'],
    ['I1122 07:00:00.123456       1 main.go:1] ok', 'info'],
    ['[2026-11-22 07:00:00] [debug] x', undefined],
    ['[debug] x', 'debug'],
    ['nginx: [emerg] bind() failed', 'fatal'],
    ['time="2026-11-22T07:00:00Z" level=warning msg="x"', 'warn'],
    ['ts=1 caller=main.go:1 level=error msg=x', 'error'],
    ['could not set the INFO flag', undefined],
    ['information for all', undefined],
    ['cannot open [config]: no such file', undefined],
    ['', undefined],
  ]
  for (const [line, level] of cases) {
    test(`of ${JSON.stringify(line)} is ${level}`, () => {
      const rank = rankInText(line)
      assert.equal(rank === undefined ? undefined : LEVELS[rank], level)
    })
  }

  const members: [json: Record<string, unknown>, level: string | undefined][] = [
    [{ level: 'Information' }, 'info'],
    [{ severity: 'CRITICAL' }, 'fatal'],
    [{ level: 30 }, 'info'],
    [{ level: 60 }, 'fatal'],
    [{ level: 1e9 }, 'fatal'],
    // GELF and syslog count down from 7, debug, to 0.
    [{ level: 3, short_message: 'x' }, undefined],
    [{ level: -1 }, undefined],
    [{ 'log.level': 'warn' }, 'warn'],
    [{ level: 'purple' }, undefined],
    [{ level: null, severity: 'error' }, 'error'],
    [{ message: 'level' }, undefined],
  ]
  for (const [json, level] of members) {
    test(`of ${JSON.stringify(json)} is ${level}`, () => {
      const rank = rankInJson((name) => json[name])
      assert.equal(rank === undefined ? undefined : LEVELS[rank], level)
    })
  }
})
