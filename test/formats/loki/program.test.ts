import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../../src/delivery/cut.ts'
import { compileLoggy } from '../../../src/formats/loggy-program.ts'
import { entryOf } from '../../../src/formats/loggy-record.ts'
import { createLoki, pushUrl } from '../../../src/formats/loki/loki.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { Format } from '../../../src/model/sink.ts'
import type { JudgeOptions } from '../../../src/pipeline/pipeline.ts'
import { HostileLines } from '../../kernel/hostile-lines.ts'
import { batchOf } from '../batch-of.ts'
import { checkNames, decodePush } from './decode-push.ts'

const plain = createLoki({ labels: [], annotations: [] })
const chosen = createLoki({ labels: ['*'], annotations: ['a/*'] })
const resource: Resource = {
  fields: { cluster: 'prod', 'team.name': 'a "b"' },
  kubernetes: {
    namespace: 'shop',
    pod: 'web-7f-x',
    container: 'app',
    uid: '123',
    node: 'n1',
    restartCount: 2,
    owner: { kind: 'Deployment', name: 'web' },
    labels: { 'app.kubernetes.io/name': 'Wéb', 'a.b': '1', 'a/b': '2', a_b: '3', empty: '' },
    annotations: { 'a/note': 'x\n\ud800', other: 'y' },
    nodeLabels: { zone: 'z' },
  },
}

function pushed(
  lines: Buffer,
  {
    format = plain,
    of = resource,
    hasIds = false,
    judge,
  }: {
    readonly format?: Format
    readonly of?: Resource
    readonly hasIds?: boolean
    readonly judge?: JudgeOptions
  } = {},
) {
  const { byteCount, batch } = batchOf(lines, format.compile(of, { hasIds }), judge)
  assert.equal(byteCount, lines.length)
  const body = Buffer.concat(format.frame(Cut.whole(batch).groups()))
  const [stream, ...others] = decodePush(body)
  assert.ok(stream !== undefined && others.length === 0)
  assert.equal(stream.entries.length, batch.entryCount)
  return { batch, body, ...stream }
}

function cri(text: string, header = '2026-11-22T07:00:00.123456789Z stderr F'): Buffer {
  return Buffer.from(`${header} ${text}\n`)
}

test('an entry has its time to the nanosecond, the line as it was, and few fields of its own', () => {
  const { labels, entries } = pushed(cri('[warn] "hé"\t'), {
    hasIds: true,
    judge: { json: false, level: 'auto', minLevel: 'debug' },
  })
  assert.deepEqual(labels, {
    cluster: 'prod',
    namespace: 'shop',
    app: 'Wéb',
    container: 'app',
    node: 'n1',
    team_name: 'a "b"',
  })
  const [
    {
      time,
      line,
      own: { id, ...own },
    },
  ] = entries as [(typeof entries)[0]]
  assert.deepEqual([time, line], ['1795330800123456789', '[warn] "hé"\t'])
  assert.match(String(id), /^[0-9a-f]{16}-000000000000-[0-9a-f]{8}$/)
  assert.deepEqual(own, {
    pod: 'web-7f-x',
    uid: '123',
    restart: '2',
    node_label_zone: 'z',
    stream: 'stderr',
    level: 'warn',
  })
})

test('labels and annotations are there as chosen, under names that Loki takes, and none is there twice', () => {
  const { body, entries } = pushed(cri('x'), { format: chosen })
  checkNames(body)
  const { pod: _, uid: _uid, restart: _restart, stream: _stream, ...own } = entries[0]?.own ?? {}
  assert.deepEqual(own, {
    label_a_b: '1',
    label_a_b_2: '2',
    label_a_b_3: '3',
    label_app_kubernetes_io_name: 'Wéb',
    annotation_a_note: 'x\n\ufffd',
    node_label_zone: 'z',
  })
})

test('more labels and annotations than Loki takes are left out, and counted', () => {
  const labels = Object.fromEntries(
    Array.from({ length: 150 }, (_, index) => [`l${String(index).padStart(3, '0')}`, 'v']),
  )
  const many = pushed(cri('x'), { format: chosen, of: { fields: {}, kubernetes: { ...resource.kubernetes, labels } } })
  assert.equal(Object.keys(many.entries[0]?.own ?? {}).length, 105)
  assert.equal(many.entries[0]?.own.metadataOmitted, '52')
  const annotations = { 'a/1': 'x'.repeat(20_000), 'a/2': 'x'.repeat(20_000) }
  const long = pushed(cri('x'), { format: chosen, of: { fields: {}, kubernetes: { pod: 'p', annotations } } })
  assert.deepEqual(Object.keys(long.entries[0]?.own ?? {}), ['pod', 'annotation_a_1', 'metadataOmitted', 'stream'])
})

test('the app is what the pod says, else its workload, else itself; of a pod that is not known there is none', () => {
  const appOf = (kubernetes: object) =>
    pushed(cri('x'), { of: { fields: {}, kubernetes: { pod: 'p', container: 'c', ...kubernetes } } }).labels.app
  const owner = { kind: 'StatefulSet', name: 'db' }
  assert.equal(appOf({ labels: { app: 'a', 'app.kubernetes.io/name': 'b' }, owner }), 'b')
  assert.equal(appOf({ labels: { app: 'a' }, owner }), 'a')
  assert.equal(appOf({ labels: { app: '' }, owner }), 'db')
  assert.equal(appOf({ labels: {}, owner: { kind: 'Node', name: 'n1' } }), 'p')
  assert.equal(appOf({ labels: {} }), 'p')
  assert.equal(appOf({ metadata: 'path-only' }), undefined)
  assert.equal(appOf({ labels: {}, owner, metadata: 'cached' }), 'db')
})

test('what only Loggy knows of a line are texts', () => {
  const long = pushed(cri('x'.repeat(1500)))
  assert.deepEqual(
    [long.entries[0]?.line.length, long.entries[0]?.own.truncated, long.entries[0]?.own.originalBytes],
    [1000, 'true', '1500'],
  )
  const odd = pushed(Buffer.from('no header\n'))
  assert.deepEqual([odd.entries[0]?.own.malformed, odd.entries[0]?.own.stream], ['true', 'unknown'])
})

test('a JSON object stays the text that it is, and ids are there only if asked for', () => {
  const text = '{"level":"error","n":12345678901234567890, "a":"\\u00e9"}'
  const { entries } = pushed(cri(text), { judge: { json: true, level: 'auto', minLevel: 'trace' } })
  assert.deepEqual([entries[0]?.line, entries[0]?.own.level, entries[0]?.own.id], [text, 'error', undefined])
})

test('containers share the operations', () => {
  const other = { ...resource, kubernetes: { ...resource.kubernetes, container: 'side' } }
  assert.equal(plain.compile(resource, { hasIds: true }).ops, plain.compile(other, { hasIds: true }).ops)
})

test('containers are streams, each once in a request, whatever their order', () => {
  const other = { ...resource, kubernetes: { ...resource.kubernetes, container: 'side' } }
  const [a, b] = [resource, other].map((of) => {
    const program = plain.compile(of, { hasIds: false })
    return { head: program.head, bytes: batchOf(Buffer.concat([cri('1'), cri('2')]), program).batch.bytes }
  })
  assert.ok(a && b)
  const groups = [a, b, a].map(({ head, bytes }) => ({ head, pieces: [bytes] }))
  const streams = decodePush(Buffer.concat(plain.frame(groups)))
  assert.deepEqual(
    streams.map(({ labels, entries }) => [labels.container, entries.map(({ line }) => line).join('')]),
    [
      ['app', '1212'],
      ['side', '12'],
    ],
  )
})

test('hostile lines come back from dead letters as schema loggy has them', () => {
  for (const seed of [7, 8, 9]) {
    const hostile = new HostileLines(seed)
    const lines = Buffer.concat(Array.from({ length: 300 }, () => hostile.next()))
    const judge = { json: seed === 9, level: 'auto', minLevel: 'trace' } as const
    const { batch, body } = pushed(lines, { hasIds: true, judge })
    checkNames(body)
    const own = batchOf(lines, compileLoggy(resource, { hasIds: true }), { ...judge, json: false }).batch
    const wanted = Buffer.from(own.bytes).toString().split('\n').slice(0, -1)
    const entries = [...Cut.whole(batch).entries()]
    assert.equal(entries.length, wanted.length)
    for (const [index, { bytes, head }] of entries.entries()) {
      const [is, shall] = [
        JSON.parse(Buffer.from(plain.record(bytes, head)).toString()),
        JSON.parse(wanted[index] ?? ''),
      ]
      assert.deepEqual(is, { ...shall, time: is.time })
      assert.ok(is.time.startsWith(new Date(shall.time).toISOString().slice(0, 19)), `${is.time} ${shall.time}`)
    }
  }
})

test('a dead letter is sent again as it was', () => {
  const { batch } = pushed(cri('x "y"'), { format: chosen, hasIds: true })
  const [sent] = [...Cut.whole(batch).entries()]
  assert.ok(sent)
  const again = entryOf(Buffer.from(chosen.record(sent.bytes, sent.head)), chosen)
  assert.deepEqual(
    [again?.bytes.toString(), again?.head.toString()],
    [Buffer.from(sent.bytes).toString(), sent.head.toString()],
  )
})

test('the URL gets the path of the push API if it has none', () => {
  assert.equal(pushUrl('http://loki:3100'), 'http://loki:3100/loki/api/v1/push')
  assert.equal(pushUrl('http://vl:9428/insert/loki/api/v1/push?a=b'), 'http://vl:9428/insert/loki/api/v1/push?a=b')
})
