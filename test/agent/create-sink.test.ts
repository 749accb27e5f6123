import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSink } from '../../src/agent/create-sink.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { httpOptions } from '../delivery/http-sink.ts'
import { recordedLog } from '../support/recorded-log.ts'

const tenant = { header: 'X-Scope-OrgID' }
const maxEntryBytes = 1 << 30

test('dead letters stand in the state directory unless they have a path of their own', async () => {
  const log = recordedLog()
  const parts = { env: {}, clock: systemClock, log, stateDirectory: '/state' }
  const pathOf = async (path: string) =>
    (
      await createSink(
        { type: 'http', schema: 'loggy', maxEntryBytes, ...httpOptions('http://localhost/', path), tenant },
        parts,
      )
    ).deadLetter.path
  assert.equal(await pathOf(''), '/state/dead-letter.ndjson')
  assert.equal(await pathOf('/mnt/refused'), '/mnt/refused')
  assert.equal(
    (await createSink({ type: 'stdout', schema: 'loggy' }, parts)).deadLetter.path,
    '/state/dead-letter.ndjson',
  )
  assert.deepEqual(log.lines, [])
})

test('a destination whose certificate is not verified is warned of', async () => {
  const log = recordedLog()
  const options = httpOptions('https://localhost/', '')
  const tls = { ...options.tls, insecureSkipVerify: true }
  await createSink(
    { type: 'http', schema: 'loggy', maxEntryBytes, ...options, tls, tenant },
    { env: {}, clock: systemClock, log, stateDirectory: '/state' },
  )
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['warn'],
  )
})

test('Loki gets its path unless the URL has one', async () => {
  const nameOf = async (url: string) =>
    (
      await createSink(
        { type: 'loki', structuredMetadata: { labels: [], annotations: [] }, ...httpOptions(url, ''), tenant },
        { env: {}, clock: systemClock, log: recordedLog(), stateDirectory: '/state' },
      )
    ).transport.name
  assert.equal(await nameOf('http://loki:3100'), 'http://loki:3100/loki/api/v1/push')
  assert.equal(await nameOf('http://loki:3100/insert'), 'http://loki:3100/insert')
})

test('OTLP goes to its path for logs unless the URL has one, and the port of gRPC is warned of', async () => {
  const log = recordedLog()
  const nameOf = async (url: string) =>
    (
      await createSink(
        { type: 'otlp', body: 'string', ...httpOptions(url, ''), tenant },
        { env: {}, clock: systemClock, log, stateDirectory: '/state' },
      )
    ).transport.name
  assert.equal(await nameOf('http://collector.example:4318'), 'http://collector.example:4318/v1/logs')
  assert.equal(await nameOf('http://collector.example:4318/?a=b'), 'http://collector.example:4318/v1/logs')
  assert.equal(await nameOf('https://loki.example/otlp/v1/logs'), 'https://loki.example/otlp/v1/logs')
  assert.deepEqual(log.lines, [])
  await nameOf('http://collector.example:4317')
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['warn'],
  )
})
