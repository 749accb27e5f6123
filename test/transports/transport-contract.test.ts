import { closeSync, openSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import type { Transport } from '../../src/model/sink.ts'
import { FileTransport } from '../../src/transports/file.ts'
import { HttpTransport } from '../../src/transports/http.ts'
import { StdoutTransport } from '../../src/transports/stdout.ts'
import { httpOptions } from '../delivery/http-sink.ts'
import { Collector } from '../support/collector.ts'
import { createPipe } from '../support/pipe.ts'
import { type TransportOnTest, testTransportContract } from './transport-contract.ts'

/** A pipe that is read in small sips while it is stalled, and never enough. */
function onPipe(t: TestContext, open: (path: string) => Transport): TransportOnTest {
  const pipe = createPipe(t)
  const transport = open(pipe.path)
  let text = ''
  let isStalled = false
  const taken = () => {
    if (!isStalled) text += pipe.drain()
    else if (text === '') text += pipe.sip()
    return text
  }
  return {
    transport,
    taken,
    stall: () => {
      isStalled = true
    },
    resume: () => {
      isStalled = false
    },
  }
}

testTransportContract('stdout', async (t) =>
  onPipe(t, (path) => {
    const descriptor = openSync(path, 'w')
    t.after(() => closeSync(descriptor))
    return new StdoutTransport(descriptor)
  }),
)

testTransportContract('file', async (t) =>
  onPipe(t, (path) => new FileTransport(path, { rotate: { maxBytes: 0, keep: 1 }, fsync: false })),
)

testTransportContract('http', async (t) => {
  const collector = new Collector()
  await collector.start()
  const transport = new HttpTransport(httpOptions(collector.url, ''), systemClock)
  t.after(async () => {
    await transport.close()
    await collector.stop()
  })
  return {
    transport,
    taken: () =>
      collector
        .received()
        .map((line) => `${line}\n`)
        .join(''),
    stall: () => collector.failNext('hold'),
    resume: () => collector.release(),
  }
})
