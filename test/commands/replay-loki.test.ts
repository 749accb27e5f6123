import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeDeadLetter } from '../../src/delivery/dead-letter.ts'
import { LokiServer } from '../support/loki-server.ts'
import { program } from '../support/program.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

test('dead letters of two containers in turns are a request for each of both streams', async (t) => {
  const loki = await LokiServer.start(t)
  const path = join(temporaryDirectory(t), 'dead-letter.ndjson')
  const letters = Array.from({ length: 200 }, (_, n) => {
    const app = `app-${n % 2}`
    const kubernetes = { namespace: 'shop', pod: `${app}-1`, container: 'c', labels: { app }, annotations: {} }
    const time = `2026-01-01T00:00:00.000000${100 + n}Z`
    const record = Buffer.from(JSON.stringify({ time, stream: 'stdout', log: `line ${n}`, kubernetes }))
    return writeDeadLetter(record, { sink: 'loki', status: 400, reason: 'no', at: time, tenant: '' })
  })
  writeFileSync(path, Buffer.concat(letters))
  const child = spawn(process.execPath, [program, 'replay', path], {
    env: { PATH: process.env.PATH, LOGGY_SINK_TYPE: 'loki', LOGGY_SINK_URL: loki.url, NODE_NAME: 'node' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(child, 'close')
  assert.deepEqual(
    loki.stored.map(({ labels, line }) => [labels.app, line]).sort(),
    Array.from({ length: 200 }, (_, n) => [`app-${n % 2}`, `line ${n}`]).sort(),
  )
  assert.equal(loki.requests.length, 2)
  assert.ok(!existsSync(path))
})
