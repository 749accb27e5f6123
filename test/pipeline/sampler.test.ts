import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import { Bucket, UNLIMITED } from '../../src/lib/bucket.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import { Lanes } from '../../src/pipeline/lanes.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'
import { someContainer } from '../support/some-container.ts'

const RULE = 'limit.container: 10 lines/s'
const timeAt = (ms: number) => new Date(Date.UTC(2026, 10, 29) + ms).toISOString().replace('Z', '000001+01:00')
const cri = (ms: number, body: string, stream = 'stdout') => `${timeAt(ms)} ${stream} F ${body}\n`

/** A log whose container may write 10 lines/s, and twice as many at once. */
function setUp({ burstMs = 2000, bytesPerSecond = Infinity } = {}) {
  const clock = handTurnedClock()
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 20 }, clock)
  pipeline.configure({ json: false, level: 'auto', minLevel: 'debug' })
  const bucket = new Bucket({ ...UNLIMITED, linesPerSecond: 10, bytesPerSecond }, burstMs)
  let asked = 0
  const bucketOf = () => {
    asked += 1
    return bucket
  }
  const lanes = new Lanes(
    {
      resourceOf: () => ({ fields: {}, kubernetes: {} }),
      hasIds: true,
      redactOf: () => ({ presets: 0, rule: '' }),
      multilineOf: () => ({ multiline: 'auto', rule: '' }),
    },
    {
      compile: compileLoggy,
      compileOwn: compileLoggy,
      pipeline,
      clock,
      lookUp: () => ({ pod: undefined, around: { node: 'n', namespaceLabels: undefined, nodeLabels: undefined } }),
      samples: { bucketOf, ruleOf: () => RULE },
      partitionOf: () => '',
    },
  )
  const owner = { ref: someContainer }
  const file: LogFile = { path: '0.log', key: 'k' }
  const batches = [pipeline.newBatch()]
  const builder = () => batches.at(-1) ?? assert.fail()
  let offset = 0
  const read = (text: string) => {
    const chunk = { file, bytes: Buffer.from(text), offset, isFinal: false }
    while (lanes.encode(lanes.of(owner), chunk, builder()).isBatchFull) batches.push(pipeline.newBatch())
    offset += chunk.bytes.length
  }
  const entries = () =>
    batches.flatMap((batch) =>
      Buffer.from(batch.seal().bytes)
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line): { id: string; log: string; sampled?: object; level?: string; lines?: number } => JSON.parse(line)),
    )
  const logs = () => entries().flatMap(({ log, sampled }) => (sampled === undefined ? [log] : []))
  const flush = () => lanes.flush(() => builder())
  return {
    clock,
    pipeline,
    lanes,
    owner,
    file,
    batches,
    builder,
    bucket,
    read,
    entries,
    logs,
    flush,
    asked: () => asked,
  }
}

describe('of a container over its budget', () => {
  test('records are kept as the budget fills, evenly, by the times at which they were written', () => {
    const { read, logs } = setUp()
    // 100 lines/s for three seconds, read in an instant.
    read(Array.from({ length: 300 }, (_, index) => cri(index * 10, `${index}`)).join(''))
    const kept = logs().map(Number)
    assert.ok(kept.length >= 48 && kept.length <= 52, `${kept.length} kept`)
    const late = kept.filter((index) => index > 30)
    const gaps = late.slice(1).map((index, at) => index - (late[at] ?? 0))
    assert.ok(Math.max(...gaps) <= 11, `gaps of ${gaps}`)
  })

  test('the budget is asked for at each turn, so it stays in use while a backlog is read', () => {
    const { read, asked } = setUp()
    for (let turn = 1; turn <= 3; turn += 1) {
      read(cri(turn, 'x'))
      assert.equal(asked(), turn)
    }
  })

  test('nothing is left out that was written within the budget, however fast it is read', () => {
    const { read, logs, lanes } = setUp()
    read(Array.from({ length: 1000 }, (_, index) => cri(index * 100, `${index}`)).join(''))
    assert.equal(logs().length, 1000)
    assert.equal(lanes.totals().sampled, 0)
  })

  test('warnings and worse are kept first, within what comes later', () => {
    const { read, logs } = setUp()
    read(Array.from({ length: 200 }, (_, index) => cri(0, `${index % 2 === 0 ? 'INFO' : 'ERROR'} ${index}`)).join(''))
    const kept = logs()
    assert.equal(kept.filter((log) => log.startsWith('ERROR')).length, 30)
    assert.equal(kept.length, 40)
  })

  test('a record of several lines is kept or left out as a whole', () => {
    const { read, logs, clock, lanes, owner, builder } = setUp({ burstMs: 1000 })
    const trace = (at: number) =>
      cri(at, `java.lang.Error: ${at}`) + cri(at, '\tat a.B.c(B.java:1)') + cri(at, '\tat a.D.e(D.java:2)')
    read(Array.from({ length: 40 }, (_, index) => trace(index)).join(''))
    void clock.pass(2000)
    lanes.endGroups(owner, builder())
    for (const log of logs())
      assert.match(log, /^java.lang.Error: \d+\n\tat a.B.c\(B.java:1\)\n\tat a.D.e\(D.java:2\)$/)
    const { lines, joined, filtered, sampled, entries } = lanes.totals()
    assert.deepEqual([lines, joined + filtered + sampled + entries, filtered], [120, 120, 0])
    assert.ok(sampled > 20 && entries > 3)
  })

  test('one entry for each window tells how much was left out and why, and all counts are right', async () => {
    const { read, entries, logs, flush, clock, lanes } = setUp()
    const text = Array.from({ length: 100 }, (_, index) => cri(0, `${index}`)).join('')
    read(text)
    flush()
    assert.equal(
      entries().some(({ sampled }) => sampled !== undefined),
      false,
    )
    await clock.pass(11_000)
    flush()
    flush()
    const told = entries().filter(({ sampled }) => sampled !== undefined)
    const lineBytes = text.length / 100
    const bytes = Buffer.byteLength(text) - logs().reduce((sum, log) => sum + cri(0, log).length, 0)
    assert.deepEqual(
      told.map(({ sampled }) => sampled),
      [{ lines: 80, bytes, limit: RULE }],
    )
    assert.ok(bytes > 79 * lineBytes)
    assert.match(told[0]?.log ?? '', /^loggy: 80 lines of this log, \d+ bytes, were left out: it was over limit/)
    const { lines, sampled, sampledBytes, summaries, malformed, losses, filtered } = lanes.totals()
    assert.deepEqual([lines, sampled, sampledBytes, summaries], [100, 80, bytes, 1])
    assert.deepEqual([malformed, losses, filtered], [0, 0, 0])
  })

  test('that entry comes also when the log ends, or the agent', () => {
    for (const end of ['log', 'agent'] as const) {
      const { read, entries, flush, lanes, owner, builder } = setUp()
      read(Array.from({ length: 30 }, (_, index) => cri(0, `${index}`)).join(''))
      if (end === 'agent') lanes.tellLeftOut(builder)
      else {
        lanes.end(owner)
        flush()
      }
      assert.equal(entries().filter(({ sampled }) => sampled !== undefined).length, 1, end)
    }
  })

  test('nothing that was left out is settled before the entry that tells of it is acked', async () => {
    const { read, flush, clock, batches, pipeline, file, builder } = setUp()
    read(Array.from({ length: 30 }, (_, index) => cri(0, `${index}`)).join(''))
    const [first] = batches
    let isStored = false
    first?.untold.get(file)?.whenTold(() => {
      isStored = true
    })
    batches.push(pipeline.newBatch())
    await clock.pass(11_000)
    flush()
    assert.equal(builder().told.length, 1)
    assert.equal(builder().untold.size, 0)
    assert.equal(isStored, false)
    for (const leftOut of builder().told) leftOut.tell()
    assert.equal(isStored, true)
  })

  test('a clock that is set back does not silence it', () => {
    const { read, logs } = setUp()
    read(Array.from({ length: 30 }, (_, index) => cri(7_200_000, `${index}`)).join(''))
    read(Array.from({ length: 100 }, (_, index) => cri(index * 100, `later ${index}`)).join(''))
    assert.ok(logs().filter((log) => log.startsWith('later')).length >= 99)
  })
})
