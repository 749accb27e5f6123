import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../../src/delivery/cut.ts'
import { compileLoggy } from '../../../src/formats/loggy-program.ts'
import { entryOf } from '../../../src/formats/loggy-record.ts'
import { ackUrl, createSplunk, eventUrl } from '../../../src/formats/splunk/splunk.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { JudgeOptions } from '../../../src/pipeline/pipeline.ts'
import { HostileLines } from '../../kernel/hostile-lines.ts'
import { hecEvents } from '../../support/hec-events.ts'
import { batchOf } from '../batch-of.ts'
import { withWholeTime } from '../whole-time.ts'

const usual = { index: '', source: '', sourcetype: '' }
const format = createSplunk('http://splunk:8088', usual)
const resource: Resource = {
  fields: { cluster: 'prod', team: 'a', source: 'taken' },
  kubernetes: {
    namespace: 'shop',
    pod: 'web',
    container: 'app',
    node: 'node-1',
    restartCount: 0,
    owner: { kind: 'Widget', name: 'w' },
    labels: { app: 'w' },
    annotations: { 'resource.opentelemetry.io/_time': '1' },
  },
}
const JUDGE: JudgeOptions = { json: false, level: 'auto', minLevel: 'debug' }

function bodyOf(lines: Buffer, judge = JUDGE, options = usual): string {
  const { frame, compile } = createSplunk('http://splunk:8088', options)
  const { batch } = batchOf(lines, compile(resource, { hasIds: true }), judge)
  return Buffer.concat(frame(Cut.whole(batch).groups())).toString()
}

function cri(text: string, header = '2026-11-22T07:00:00.123456789Z stderr F'): Buffer {
  return Buffer.from(`${header} ${text}\n`)
}

test('a record is an event with its time, where it is from, and flat fields', () => {
  const body = bodyOf(cri('[error] "hé"\t'))
  const [event = {}, ...others] = hecEvents(body)
  assert.deepEqual(others, [])
  const { fields, ...about } = event as { fields: Record<string, unknown> }
  assert.match(String(fields['log.record.uid']), /^[0-9a-f]{16}-000000000000-[0-9a-f]{8}$/)
  assert.deepEqual(about, {
    event: '[error] "hé"\t',
    time: Date.parse('2026-11-22T07:00:00.123Z') / 1000 + 0.000456789,
    host: 'node-1',
    source: 'shop/web/app',
    sourcetype: 'kube:container:app',
  })
  assert.match(body, /"time":1795330800\.123456789,/)
  assert.deepEqual(
    { ...fields, 'log.record.uid': '' },
    {
      level: 'error',
      'log.iostream': 'stderr',
      'log.record.uid': '',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'web',
      'k8s.container.name': 'app',
      'k8s.node.name': 'node-1',
      'k8s.cluster.name': 'prod',
      'k8s.container.restart_count': '0',
      'k8s.pod.label.app': 'w',
      'k8s.pod.annotation.resource.opentelemetry.io/_time': '1',
      'service.name': 'web',
      'service.namespace': 'shop',
      'service.instance.id': 'shop.web.app',
      team: 'a',
      'loggy.fields.source': 'taken',
      'loggy.owner.kind': 'Widget',
      'loggy.owner.name': 'w',
    },
  )
})

test('index, source and source type are those of the configuration', () => {
  const [event = {}] = hecEvents(bodyOf(cri('x'), JUDGE, { index: 'k8s', source: 'here', sourcetype: 'mine' }))
  assert.deepEqual([event.index, event.source, event.sourcetype], ['k8s', 'here', 'mine'])
})

test('the time is in seconds with nine digits, whatever the runtime wrote', () => {
  const times = {
    '2026-11-22T07:00:00Z': '1795330800.000000000',
    '2026-11-22T07:00:00.5Z': '1795330800.500000000',
    '2026-11-22T08:30:00.000000001+01:30': '1795330800.000000001',
    '1970-01-01T00:00:00.000000007Z': '0.000000007',
    '1970-01-01T00:00:01.25Z': '1.250000000',
    '1970-01-01T00:00:12Z': '12.000000000',
  }
  for (const [time, seconds] of Object.entries(times))
    assert.match(bodyOf(cri('x', `${time} stdout F`)), new RegExp(`"time":${seconds.replace('.', '\\.')},`), time)
})

test('a JSON object is the event itself if it is parsed, and else the text that it is', () => {
  const text = '{"a" : 1.0,"event":"","time":2}'
  const docker = Buffer.from(
    `${JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: '2026-11-22T07:00:00Z' })}\n`,
  )
  const lines = Buffer.concat([cri(text), docker])
  assert.deepEqual(
    hecEvents(bodyOf(lines)).map(({ event }) => event),
    [text, text],
  )
  const parsed = bodyOf(lines, { ...JUDGE, json: true })
  assert.deepEqual(
    hecEvents(parsed).map(({ event }) => event),
    [JSON.parse(text), JSON.parse(text)],
  )
  assert.ok(parsed.startsWith(`{"event":${text},`))
})

test('a blank line, which Splunk would refuse with all behind it, is an object with that text', () => {
  const lines = Buffer.concat(
    ['', 'a', '', '', '"event":"",', ' ', '\t \f\v\r\t', ' x ', '\\t'].map((line) => cri(line)),
  )
  assert.deepEqual(
    hecEvents(bodyOf(lines)).map(({ event }) => event),
    [
      ...[{ log: '' }, 'a', { log: '' }, { log: '' }, '"event":"",', { log: ' ' }],
      ...[{ log: '\t \f\v\r\t' }, ' x ', '\\t'],
    ],
  )
})

test('hostile lines are events with flat texts, come back as schema loggy has them, and go again as they were', () => {
  for (let seed = 0; seed < 10; seed += 1) {
    const hostile = new HostileLines(seed)
    const lines = Buffer.concat(Array.from({ length: 150 }, () => hostile.next()))
    const judge = { json: seed % 2 === 1, level: 'off', minLevel: 'trace' } as const
    const { batch, byteCount } = batchOf(lines, format.compile(resource, { hasIds: true }), judge)
    const own = batchOf(lines.subarray(0, byteCount), compileLoggy(resource, { hasIds: true }), judge)
    const wanted = Buffer.from(own.batch.bytes).toString().split('\n').slice(0, -1)
    const entries = [...Cut.whole(batch).entries()]
    assert.equal(entries.length, wanted.length)
    const events = hecEvents(Buffer.concat(format.frame(Cut.whole(batch).groups())).toString())
    assert.equal(events.length, wanted.length)
    for (const { fields } of events)
      for (const value of Object.values(Object(fields))) assert.equal(typeof value, 'string')
    for (const [index, { bytes, head }] of entries.entries()) {
      const record = Buffer.from(format.record(bytes, head))
      assert.deepEqual(JSON.parse(record.toString()), withWholeTime(wanted[index] ?? ''))
      const again = entryOf(record, format)?.bytes.toString() ?? ''
      assert.deepEqual(JSON.parse(again), JSON.parse(Buffer.from(bytes).toString()))
      assert.equal(/"time":[\d.]+/.exec(again)?.[0], /"time":[\d.]+/.exec(Buffer.from(bytes).toString())?.[0])
    }
  }
})

test('the URL gets the path for events if it has none, and acknowledgements are asked for beside it', () => {
  const paths = {
    'http://a:8088': ['/services/collector/event', '/services/collector/ack'],
    'http://a:8088/services/collector': ['/services/collector', '/services/collector/ack'],
    'http://a:8088/services/collector/event/1.0': ['/services/collector/event/1.0', '/services/collector/ack'],
    'https://a/splunk/services/collector/event/?x=y': [
      '/splunk/services/collector/event/?x=y',
      '/splunk/services/collector/ack?x=y',
    ],
  }
  for (const [url, [event, ack]] of Object.entries(paths)) {
    const { origin } = new URL(url)
    assert.deepEqual([eventUrl(url), ackUrl(url)], [`${origin}${event}`, `${origin}${ack}`])
  }
})
