import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createNdjson } from '../../src/formats/ndjson.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Collector } from '../support/collector.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { AckedDelivery, batchOfLines } from './acked-delivery.ts'
import { httpOptions, httpSink } from './http-sink.ts'

const MAX_BYTES = 20_000

function line(n: number, log: string, annotation = '') {
  const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', labels: {}, annotations: { annotation } }
  return JSON.stringify({ time: `2026-01-01T00:00:0${n}Z`, stream: 'stdout', log, kubernetes })
}

test('an entry that is longer than the destination takes arrives with less of its line; its neighbours stay as they are', async (t) => {
  const collector = new Collector()
  await collector.start()
  const deadLetters = join(temporaryDirectory(t), 'dead')
  const options = { ...httpOptions(collector.url, deadLetters), format: createNdjson('loggy', MAX_BYTES) }
  const sink = new AckedDelivery(httpSink(options, systemClock), { clock: systemClock, log: recordedLog() })
  t.after(async () => {
    await sink.close()
    await collector.stop()
  })
  const fits = line(1, 'x'.repeat(MAX_BYTES - line(1, '').length - 1))
  const sent = [line(0, 'first'), fits, line(2, `${'\u0001'.repeat(10_000)}end`), line(3, 'last')]
  const buried: number[] = []
  const batch = batchOfLines([...sent, line(4, 'short', 'y'.repeat(MAX_BYTES))], {
    bury: (places) => void buried.push(...places),
  })
  await sink.write(batch)
  const received = collector.received()
  assert.deepEqual([received[0], received[1], received[3]], [sent[0], sent[1], sent[3]])
  const { log, truncated, originalBytes } = JSON.parse(received[2] ?? '')
  assert.deepEqual(new Set(log), new Set(['\u0001']))
  assert.deepEqual([truncated, originalBytes, received.length], [true, 10_003, 4])
  assert.ok(received.every((entry) => entry.length < MAX_BYTES))
  assert.equal(sink.counters.shortenedEntries, 1)
  // What cannot be cut is kept whole.
  assert.deepEqual(buried, [4])
  assert.match(readFileSync(deadLetters, 'utf8'), /"log":"short".*"status":"TOO_LARGE"/)
})
