import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ContainerRuntime, logRecords, rfc3339Nano } from '../../src/simulation/log-record.ts'

/** 2026-11-22T07:00:00Z in nanoseconds. */
const MORNING = 1_795_330_800_000_000_000n

const times: { fraction: bigint; text: string }[] = [
  { fraction: 0n, text: '2026-11-22T07:00:00Z' },
  { fraction: 123_456_789n, text: '2026-11-22T07:00:00.123456789Z' },
  { fraction: 123_456_700n, text: '2026-11-22T07:00:00.1234567Z' },
  { fraction: 500_000_000n, text: '2026-11-22T07:00:00.5Z' },
  { fraction: 7n, text: '2026-11-22T07:00:00.000000007Z' },
]

for (const { fraction, text } of times) {
  test(`writes a time ${fraction} ns past the second as ${text}`, () => {
    assert.equal(rfc3339Nano(MORNING + fraction), text)
  })
}

const containerdCases: { name: string; content: string; isWhole?: false; records: string[] }[] = [
  { name: 'an empty line ends in the blank after its tag', content: '', records: ['stdout F '] },
  { name: 'a carriage return before the newline is dropped', content: 'a\r', records: ['stdout F a'] },
  { name: 'only the last of two carriage returns is dropped', content: 'a\r\r', records: ['stdout F a\r'] },
  { name: 'escapes and NUL are kept', content: '\x1b[1m\0', records: ['stdout F \x1b[1m\0'] },
  { name: '16,384 bytes are one record', content: 'x'.repeat(16_384), records: [`stdout F ${'x'.repeat(16_384)}`] },
  {
    name: '16,385 bytes are two',
    content: 'x'.repeat(16_385),
    records: [`stdout P ${'x'.repeat(16_384)}`, 'stdout F x'],
  },
  { name: 'words without a newline stay partial', content: 'prompt> ', isWhole: false, records: ['stdout P prompt> '] },
  { name: 'nothing, without a newline, is no record', content: '', isWhole: false, records: [] },
]

for (const { name, content, isWhole = true, records } of containerdCases) {
  test(`containerd: ${name}`, () => {
    const written = logRecords('containerd', {
      stream: 'stdout',
      content: Buffer.from(content),
      isWhole,
      now: () => MORNING,
    })
    assert.deepEqual(
      written.map(String),
      records.map((record) => `2026-11-22T07:00:00Z ${record}\n`),
    )
  })
}

test('containerd: cuts by bytes, in the middle of a character if need be', () => {
  const content = Buffer.from(`${'x'.repeat(16_383)}é`)
  const [first, second] = logRecords('containerd', { stream: 'stderr', content, isWhole: true, now: () => MORNING })
  assert.deepEqual(first?.subarray(-2), Buffer.from([0xc3, 0x0a]))
  assert.deepEqual(second?.subarray(-2), Buffer.from([0xa9, 0x0a]))
})

test('CRI-O: nine digits and a numeric offset; a read of 8,192 bytes without its newline is followed by an empty F', () => {
  const content = Buffer.from('x'.repeat(8192))
  const records = logRecords('cri-o', { stream: 'stderr', content, isWhole: true, now: () => MORNING + 500_000_000n })
  const time = '2026-11-22T07:00:00.500000000+00:00'
  assert.deepEqual(records.map(String), [`${time} stderr P ${'x'.repeat(8192)}\n`, `${time} stderr F \n`])
})

test('docker: JSON with the newline inside, and none inside a partial record', () => {
  const content = Buffer.from(`${'x'.repeat(16_384)}<"ü">`)
  const records = logRecords('docker', { stream: 'stdout', content, isWhole: true, now: () => MORNING })
  assert.equal(String(records[0]), `{"log":"${'x'.repeat(16_384)}","stream":"stdout","time":"2026-11-22T07:00:00Z"}\n`)
  assert.equal(
    String(records[1]),
    '{"log":"\\u003c\\"ü\\"\\u003e\\n","stream":"stdout","time":"2026-11-22T07:00:00Z"}\n',
  )
})

/** What a reader gets back: content, and whether its last record was a full one. */
function parseBack(runtime: ContainerRuntime, records: readonly Buffer[]): { content: Buffer; isWhole: boolean } {
  if (runtime === 'docker') {
    const log = records.map((record) => JSON.parse(String(record)).log).join('')
    return { content: Buffer.from(log.replace(/\n$/, '')), isWhole: log.endsWith('\n') }
  }
  const parsed = records.map((record) => {
    const header = /^(\S+) (stdout|stderr) ([PF]) /.exec(record.toString('latin1'))
    assert(header, `a CRI record: ${record}`)
    assert.equal(record.at(-1), 0x0a)
    return { tag: header[3], content: record.subarray(header[0].length, -1) }
  })
  assert(parsed.slice(0, -1).every(({ tag }) => tag === 'P'))
  return { content: Buffer.concat(parsed.map(({ content }) => content)), isWhole: parsed.at(-1)?.tag === 'F' }
}

for (const runtime of ['containerd', 'cri-o', 'docker'] as const) {
  test(`${runtime}: the records of any output put together are that output`, () => {
    // Lengths around the limits; docker's JSON cannot hold bytes that are not UTF-8.
    const length = fc.oneof(
      fc.nat(64),
      fc.nat({ max: 8 }).map((extra) => 8188 + extra),
      fc.nat(40_000),
    )
    const content = length.map((bytes) =>
      Buffer.alloc(bytes, runtime === 'docker' ? 'plain "text"\\' : '\xff\x00\r é', 'latin1'),
    )
    fc.assert(
      fc.property(content, fc.boolean(), (content, isWhole) => {
        const records = logRecords(runtime, { stream: 'stdout', content, isWhole, now: () => MORNING })
        const dropped =
          runtime === 'containerd' && isWhole && content.at(-1) === 0x0d ? content.subarray(0, -1) : content
        assert.deepEqual(parseBack(runtime, records), { content: dropped, isWhole })
      }),
      { numRuns: 60 },
    )
  })
}
