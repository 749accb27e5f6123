import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../../src/delivery/cut.ts'
import { compileLoggy } from '../../../src/formats/loggy-program.ts'
import { entryOf } from '../../../src/formats/loggy-record.ts'
import { otlp } from '../../../src/formats/otlp/otlp.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { JudgeOptions } from '../../../src/pipeline/pipeline.ts'
import { Random } from '../../../src/simulation/random.ts'
import { HostileLines } from '../../kernel/hostile-lines.ts'
import { batchOf, NOW } from '../batch-of.ts'
import { withWholeTime } from '../whole-time.ts'
import { decodeOtlp, type OtlpRecord } from './decode-otlp.ts'

const resource: Resource = {
  fields: { cluster: 'prod', team: 'a' },
  kubernetes: {
    namespace: 'shop',
    pod: 'web',
    container: 'app',
    restartCount: 1,
    labels: { app: 'w' },
    annotations: {},
  },
}

function recordsOf(lines: Buffer, judge?: JudgeOptions): readonly OtlpRecord[] {
  const { batch } = batchOf(lines, otlp.compile(resource, { hasIds: true }), judge)
  return decodeOtlp(Buffer.concat(otlp.frame(Cut.whole(batch).groups())))[0]?.records ?? []
}

function cri(text: string, header = '2026-11-22T07:00:00.123456789Z stderr F'): Buffer {
  return Buffer.from(`${header} ${text}\n`)
}

test('a record has its time to the nanosecond, when it was read, its stream and its id', () => {
  const [record] = recordsOf(cri('hello'))
  const { attributes, ...others } = record as OtlpRecord
  assert.deepEqual(others, {
    time: BigInt(Date.parse('2026-11-22T07:00:00Z')) * 1_000_000n + 123_456_789n,
    observedTime: BigInt(Date.parse(NOW)) * 1_000_000n,
    severityNumber: 0,
    severityText: '',
    trace: { traceId: '', spanId: '', flags: 0 },
    body: 'hello',
  })
  const { 'log.record.uid': id, ...rest } = attributes
  assert.deepEqual(rest, { 'log.iostream': 'stderr' })
  assert.match(String(id), /^[0-9a-f]{16}-000000000000-0000002e$/)
})

test('any time is the right one, in any zone and with any fraction', () => {
  const random = new Random(7)
  const pad = (number: number, digits = 2) => String(number).padStart(digits, '0')
  const times = Array.from({ length: 2000 }, () => {
    const ms = random.below(4_000_000_000) * 1000 + random.below(2) * 951_782_400_000 // often near a leap day of 2000
    const fraction = random.below(3) === 0 ? '' : `.${pad(random.below(1e9), 9).slice(0, 1 + random.below(9))}`
    const zone =
      random.below(2) === 0
        ? 'Z'
        : `${random.below(2) === 0 ? '+' : '-'}${pad(random.below(24))}:${pad(random.below(60))}`
    return { seconds: new Date(ms).toISOString().slice(0, 19), fraction, zone }
  })
  const lines = times.map(({ seconds, fraction, zone }) => cri('x', `${seconds}${fraction}${zone} stdout F`))
  assert.deepEqual(
    recordsOf(Buffer.concat(lines)).map(({ time }) => BigInt.asIntN(64, time)),
    times.map(({ seconds, fraction, zone }) => {
      return BigInt(Date.parse(seconds + zone)) * 1_000_000n + BigInt(fraction.slice(1).padEnd(9, '0'))
    }),
  )
})

test('levels are the numbers of the data model and the words of the lines', () => {
  const lines = ['[trace] a', '[debug] a', '[info] a', '[warn] a', '[error] a', '[fatal] a', 'none']
  const records = recordsOf(Buffer.concat(lines.map((line) => cri(line))), {
    json: false,
    level: 'auto',
    minLevel: 'debug',
  })
  assert.deepEqual(
    records.map(({ severityNumber, severityText }) => [severityNumber, severityText]),
    [
      [5, 'debug'],
      [9, 'info'],
      [13, 'warn'],
      [17, 'error'],
      [21, 'fatal'],
      [0, ''],
    ],
  )
})

test('a JSON object stays the text that it is', () => {
  const [record] = recordsOf(cri('{"a" : 1.0}'), { json: true, level: 'off', minLevel: 'trace' })
  assert.equal(record?.body, '{"a" : 1.0}')
})

test('what only Loggy knows stands in attributes of its own', () => {
  const lines = Buffer.concat([cri('x'.repeat(1500)), Buffer.from('no format\n'), cri('end')])
  const own = recordsOf(lines).map(({ attributes }) =>
    Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith('loggy.'))),
  )
  assert.deepEqual(own, [{ 'loggy.truncated': true, 'loggy.originalBytes': 1500 }, { 'loggy.malformed': true }, {}])
})

test('entries are read back as those in schema loggy, and sent again as they were, whatever the lines', () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const hostile = new HostileLines(seed)
    const lines = Buffer.concat(Array.from({ length: 150 }, () => hostile.next()))
    const judge = { json: seed % 2 === 1, level: 'off', minLevel: 'trace' } as const
    const encoded = batchOf(lines, otlp.compile(resource, { hasIds: true }), judge)
    const own = batchOf(lines.subarray(0, encoded.byteCount), compileLoggy(resource, { hasIds: true }))
    const expected = Buffer.from(own.batch.bytes).toString().split('\n').slice(0, -1)
    const entries = [...Cut.whole(encoded.batch).entries()]
    assert.equal(entries.length, expected.length)
    for (const [index, { bytes, head }] of entries.entries()) {
      const record = otlp.record(bytes, head)
      assert.deepEqual(JSON.parse(Buffer.from(record).toString()), withWholeTime(expected[index] ?? ''))
      const again = entryOf(Buffer.from(record), otlp)
      assert.ok(again !== undefined && Buffer.compare(again.head, head) === 0)
      assert.deepEqual(withoutObserved(again.bytes, again.head), withoutObserved(bytes, head))
    }
  }
})

function withoutObserved(entry: Uint8Array, head: Uint8Array) {
  return decodeOtlp(Buffer.concat(otlp.frame([{ head, pieces: [entry] }]))).map(({ records }) =>
    records.map(({ observedTime: _, ...others }) => others),
  )
}
