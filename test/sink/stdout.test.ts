import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { SinkError } from '../../src/sink/sink-error.ts'
import { StdoutSink } from '../../src/sink/stdout.ts'
import { createPipe } from '../support/pipe.ts'
import { waitUntil } from '../support/wait-until.ts'
import { batchOf, watch } from './sink-contract.ts'

test('when the reader is gone a write fails, and nothing is written after the line it may have torn', async (t) => {
  const pipe = createPipe(t)
  const descriptor = openSync(pipe.path, 'w')
  t.after(() => closeSync(descriptor))
  const sink = new StdoutSink(descriptor)
  const write = watch(sink.write(batchOf(0, 2000)))
  let taken = ''
  await waitUntil('the write has begun', () => {
    taken ||= pipe.sip()
    return taken !== ''
  })
  pipe.close()
  const isBroken = (error: unknown) => error instanceof SinkError && error.code === 'STDOUT_FAILED'
  await assert.rejects(write.promise, isBroken)
  await assert.rejects(sink.write(batchOf(2000, 1)), isBroken)
})
