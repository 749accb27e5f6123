import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { FileSink } from '../../src/sink/file.ts'
import { HttpSink } from '../../src/sink/http.ts'
import { StdoutSink } from '../../src/sink/stdout.ts'
import { Collector } from '../support/collector.ts'
import { createPipe } from '../support/pipe.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { httpOptions } from './http-options.ts'
import { type SinkOnTest, testSinkContract } from './sink-contract.ts'

/** A pipe that is read in small sips while it is stalled, and never enough. */
function onPipe(t: TestContext, open: (path: string) => SinkOnTest['sink']): SinkOnTest {
  const pipe = createPipe(t)
  const sink = open(pipe.path)
  let text = ''
  let isStalled = false
  const taken = () => {
    if (!isStalled) text += pipe.drain()
    else if (text === '') text += pipe.sip()
    return text
  }
  return {
    sink,
    taken,
    stall: () => {
      isStalled = true
    },
    resume: () => {
      isStalled = false
    },
  }
}

testSinkContract('stdout', async (t) =>
  onPipe(t, (path) => {
    const descriptor = openSync(path, 'w')
    t.after(() => closeSync(descriptor))
    return new StdoutSink(descriptor)
  }),
)

testSinkContract('file', async (t) =>
  onPipe(t, (path) => {
    const sink = new FileSink(
      path,
      { rotate: { maxBytes: 0, keep: 1 }, fsync: false },
      { clock: systemClock, log: recordedLog() },
    )
    t.after(() => sink.close())
    return sink
  }),
)

for (const compression of ['none', 'gzip', 'zstd'] as const) {
  testSinkContract(`http, ${compression}`, async (t) => {
    const collector = new Collector()
    await collector.start()
    const options = { ...httpOptions(collector.url, join(temporaryDirectory(t), 'dead')), compression }
    const sink = new HttpSink(options, { clock: systemClock, log: recordedLog() })
    t.after(async () => {
      await sink.close()
      await collector.stop()
    })
    return {
      sink,
      taken: () =>
        collector
          .received()
          .map((line) => `${line}\n`)
          .join(''),
      stall: () => collector.failNext('hold'),
      resume: () => collector.release(),
    }
  })
}
