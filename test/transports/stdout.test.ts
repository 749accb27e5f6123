import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { ndjson } from '../../src/formats/ndjson.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { SinkError } from '../../src/lib/sink-error.ts'
import { StdoutTransport } from '../../src/transports/stdout.ts'
import { AckedDelivery, batchOf } from '../delivery/acked-delivery.ts'
import { createPipe } from '../support/pipe.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { waitUntil } from '../support/wait-until.ts'
import { watch } from '../support/watch.ts'

test('when the reader is gone a write fails for good, and nothing is written after the line it may have torn', async (t) => {
  const pipe = createPipe(t)
  const descriptor = openSync(pipe.path, 'w')
  t.after(() => closeSync(descriptor))
  const sink = {
    name: 'stdout',
    format: ndjson,
    transport: new StdoutTransport(descriptor),
    compression: 'none',
    retryFor: 0,
    deadLetter: { path: '/nowhere/letters', maxBytes: 1 << 20 },
  } as const
  const delivery = new AckedDelivery(sink, { clock: systemClock, log: recordedLog() })
  t.after(() => delivery.close())
  const write = watch(delivery.write(batchOf(0, 2000)))
  let taken = ''
  await waitUntil('the write has begun', () => {
    taken ||= pipe.sip()
    return taken !== ''
  })
  pipe.close()
  const isBroken = (error: unknown) => error instanceof SinkError && error.code === 'STDOUT_FAILED'
  await assert.rejects(write.promise, isBroken)
  await assert.rejects(delivery.write(batchOf(2000, 1)), isBroken)
})
