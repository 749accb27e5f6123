import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeDeadLetter } from '../../src/delivery/dead-letter.ts'
import { encodeOtlp } from '../formats/otlp/decode-otlp.ts'
import { OtlpServer } from '../support/otlp-server.ts'
import { program } from '../support/program.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const why = { sink: 'otlp', status: 400, reason: 'no', at: '2026-01-01T00:00:00Z', tenant: '' }
const ID = '0123456789abcdef-000000000001-00000020'

/** A dead letter of a pod's record. */
function letter(pod: string, log: string, more: object = {}): string {
  const kubernetes = {
    namespace: 'shop',
    pod,
    container: 'app',
    restartCount: 2,
    labels: { app: pod },
    annotations: {},
  }
  const record = {
    id: ID,
    time: '2026-01-01T00:00:00.000000007Z',
    stream: 'stderr',
    log,
    ...more,
    team: 'a',
    kubernetes,
  }
  return writeDeadLetter(Buffer.from(JSON.stringify(record)), why).toString()
}

test('dead letters are sent again as OTLP, and what is refused again or is no entry is kept', async (t) => {
  const server = await OtlpServer.start(t)
  server.answer = (bodies) =>
    bodies.includes('poison') ? { status: 400, body: encodeOtlp('Status', { message: 'bad' }) } : undefined
  const path = join(temporaryDirectory(t), 'dead-letter.ndjson')
  const flags = { level: 'warn', partial: true, truncated: true, originalBytes: 9999 }
  const stranger = '{"log":"of no container","deadLetter":{"sink":"otlp"}}\n'
  const letters = [
    letter('web', 'a'),
    letter('web', 'é "b"', flags),
    letter('db', 'poison'),
    letter('db', 'c'),
    stranger,
  ]
  writeFileSync(path, letters.join(''))
  const child = spawn(process.execPath, [program, 'replay', path], {
    env: { PATH: process.env.PATH, LOGGY_SINK_TYPE: 'otlp', LOGGY_SINK_URL: server.url, NODE_NAME: 'node' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (bytes) => (out += bytes))
  await once(child, 'close')
  assert.match(out, /^3 sent, 1 refused again, 1 kept unsent\n/)
  const found = server.records().map(({ observedTime: _, resource, ...record }) => {
    return [resource['k8s.pod.name'], resource['k8s.pod.label.app'], resource.team, record]
  })
  const time = BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1_000_000n + 7n
  const usual = { 'log.iostream': 'stderr', 'log.record.uid': ID }
  const trace = { traceId: '', spanId: '', flags: 0 }
  const plain = { time, severityNumber: 0, severityText: '', trace }
  const own = { 'loggy.partial': true, 'loggy.truncated': true, 'loggy.originalBytes': 9999 }
  assert.deepEqual(found, [
    ['web', 'web', 'a', { ...plain, body: 'a', attributes: usual }],
    [
      'web',
      'web',
      'a',
      { time, severityNumber: 13, severityText: 'WARN', trace, body: 'é "b"', attributes: { ...usual, ...own } },
    ],
    ['db', 'db', 'a', { ...plain, body: 'c', attributes: usual }],
  ])
  assert.ok(existsSync(path))
  const left = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  assert.deepEqual(left.map((line) => JSON.parse(line).log).sort(), ['of no container', 'poison'])
  assert.equal(JSON.parse(left.find((line) => line.includes('poison')) ?? '').deadLetter.reason, 'HTTP 400: bad')
})
