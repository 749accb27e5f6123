import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Program } from '../../src/model/program.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { type JudgeOptions, Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const time = '2026-11-22T07:00:00.5Z'
const cri = (body: string, tag = 'F') => `${time} stdout ${tag} ${body}\n`

/** What the program makes of these lines. */
function rendered(text: string, program: Program): Buffer {
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, systemClock)
  pipeline.configure({ json: false, level: 'auto', minLevel: 'trace' })
  const builder = pipeline.newBatch()
  const chunk = { file: { path: '0.log' }, bytes: Buffer.from(text), offset: 0, isFinal: true }
  pipeline.encode(chunk, new Lane({ ref: someContainer }, program), builder)
  return Buffer.from(builder.seal().bytes)
}

/** The entries of these lines, without what all have. */
function entriesOf(text: string | Uint8Array, options: Partial<JudgeOptions>, maxLineBytes = 1000) {
  const pipeline = new Pipeline({ maxLineBytes, batches: 1 }, systemClock)
  pipeline.configure({ json: false, level: 'off', minLevel: 'trace', ...options })
  const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from(',"kubernetes":{}}\n')))
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
    assert.deepEqual(entries, [{ log: '{"level":"warn"}' }, { log: 'says nothing' }])
    assert.deepEqual([counters.lines, counters.entries, counters.filtered], [4, 2, 2])
    assert.equal(counters.bytes, text.length)
  })

  test('delivers what is no JSON before its level, whatever words are in its strings', () => {
    const broken = Buffer.concat([
      Buffer.from(cri('{"msg":"[debug] ').slice(0, -1)),
      Buffer.of(0xff),
      Buffer.from('","level":"debug"}\n'),
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

describe('parse.level', () => {
  test('tells the level behind the stream, of a text and of JSON, whole or joined', () => {
    const text = cri('WARN it') + cri('{"level":', 'P') + cri('30}') + cri('says nothing')
    const { lines } = entriesOf(text, { level: 'auto', json: true })
    const { lines: withoutJson } = entriesOf(text, { level: 'auto' })
    const beginning = `{"time":"${time}","stream":"stdout",`
    assert.deepEqual(lines, [
      `${beginning}"level":"warn","log":"WARN it","kubernetes":{}}`,
      `${beginning}"level":"info","json":{"level":30},"kubernetes":{}}`,
      `${beginning}"log":"says nothing","kubernetes":{}}`,
    ])
    assert.equal(withoutJson[1], `${beginning}"level":"info","log":"{\\"level\\":30}","kubernetes":{}}`)
  })

  test('finds it in docker records, however they are escaped, and however long', () => {
    const docker = (log: string) => `${JSON.stringify({ log: `${log}\n`, stream: 'stderr', time })}\n`
    const long = `{"text":"${'"'.repeat(5000).replaceAll('"', '\\"')}","level":"error"}`
    const text =
      docker('\u001b[31mERROR\u001b[0m: x') + docker(long) + docker('at "x" ERROR: y').replace('at', '\\u0061t')
    const { entries } = entriesOf(text, { level: 'auto' }, 100_000)
    assert.deepEqual(
      entries.map(({ level }) => level),
      ['error', 'error', undefined],
    )
  })

  test('tells none of what is not whole, or of no known format', () => {
    const { entries } = entriesOf('ERROR: no container runtime wrote this\n', { level: 'auto' })
    assert.deepEqual([entries[0].level, entries[0].malformed], [undefined, true])
  })

  test('off: entries have none, and minLevel drops what it drops', () => {
    const { entries } = entriesOf(cri('DEBUG x') + cri('WARN y'), { level: 'off', minLevel: 'info' })
    assert.deepEqual(entries, [{ log: 'WARN y' }])
  })

  for (const line of [
    'msg="set level=debug" level=error',
    '[main] ERROR c.e.App - cannot set level=debug',
    'panic: unknown option level=trace',
    'app[12]: ERROR: bad value, level=debug',
  ]) {
    test(`minLevel keeps ${line}`, () => {
      assert.equal(entriesOf(cri(line), { minLevel: 'info' }).entries.length, 1)
    })
  }

  test('a format may write the word that the line has for it', () => {
    const bodies = ['WARNING:root:x', '{"level":30}', 'level=info x=1', '1:M 22 Nov 2026 07:00:00.123 * up', 'nothing']
    const program = {
      ops: [{ op: 'level-word' }, { op: 'literal', bytes: Buffer.from(' ') }],
      head: new Uint8Array(0),
    } as const
    assert.equal(rendered(bodies.map((body) => cri(body)).join(''), program).toString(), 'WARNING 30 info *  ')
  })
})
