import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../../src/delivery/cut.ts'
import { bulkUrl, createElasticsearch } from '../../../src/formats/elasticsearch/elasticsearch.ts'
import { compileLoggy } from '../../../src/formats/loggy-program.ts'
import { entryOf } from '../../../src/formats/loggy-record.ts'
import type { Batch } from '../../../src/model/batch.ts'
import type { Program } from '../../../src/model/program.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { JudgeOptions } from '../../../src/pipeline/pipeline.ts'
import { HostileLines } from '../../kernel/hostile-lines.ts'
import { batchOf } from '../batch-of.ts'

const format = createElasticsearch({ dataset: 'kubernetes.container_logs', namespace: 'default' })
const resource: Resource = {
  fields: { cluster: 'prod', team: 'a' },
  kubernetes: {
    namespace: 'shop',
    pod: 'web',
    container: 'app',
    image: 'shop/web:1',
    labels: { app: 'w', 'app.kubernetes.io/name': 'web "1"', 'app.kubernetes.io/é': '\ud800' },
    annotations: { 'a/b.c': 'x', 'a/b_c': 'y' },
  },
}

/** What a program makes of these lines, all of which must be done. */
function wholeBatchOf(lines: Buffer, program: Program, judge?: JudgeOptions): Batch {
  const { byteCount, batch } = batchOf(lines, program, judge)
  assert.equal(byteCount, lines.length)
  return batch
}

interface Bulked {
  readonly action: { readonly create: { readonly _index: string; readonly _id?: string } }
  readonly document: Readonly<Record<string, unknown>>
}

/** Each record's action and document, as a server reads a request. */
function documentsOf(lines: Buffer, judge?: JudgeOptions, partition = ''): Bulked[] {
  const batch = wholeBatchOf(lines, format.compile(resource, { hasIds: true, partition }), judge)
  const body = Buffer.concat(format.frame(Cut.whole(batch).groups())).toString()
  assert.ok(body.endsWith('\n'))
  const read = body
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(read.length, batch.entryCount * 2)
  return read.flatMap((action, index) => (index % 2 === 0 ? [{ action, document: read[index + 1] }] : []))
}

function cri(text: string, header = '2026-11-22T07:00:00.123456789Z stderr F'): Buffer {
  return Buffer.from(`${header} ${text}\n`)
}

test('a record is an action with its id and stream, and a document in schema ecs', () => {
  const [record] = documentsOf(cri('[warn] "hé"\t'), { json: false, level: 'auto', minLevel: 'debug' })
  const { _id, ...others } = record?.action.create ?? {}
  assert.match(String(_id), /^[0-9a-f]{16}-000000000000-[0-9a-f]{8}$/)
  assert.deepEqual(others, { _index: 'logs-kubernetes.container_logs-default' })
  assert.deepEqual(record?.document, {
    '@timestamp': '2026-11-22T07:00:00.123456789Z',
    stream: 'stderr',
    log: { level: 'warn' },
    message: '[warn] "hé"\t',
    ecs: { version: '8.0.0' },
    container: { image: { name: 'shop/web:1' } },
    orchestrator: { cluster: { name: 'prod' } },
    fields: { team: 'a' },
    kubernetes: {
      namespace: 'shop',
      pod: { name: 'web' },
      container: { name: 'app' },
      labels: { app: 'w', 'app_kubernetes_io/name': 'web "1"', 'app_kubernetes_io/é': '\ufffd' },
      annotations: { 'a/b_c': 'y' },
    },
    loggy: { metadata: 'api', annotations: ['a/b.c=x', 'a/b_c=y'] },
    data_stream: { type: 'logs', dataset: 'kubernetes.container_logs', namespace: 'default' },
  })
})

test('no member of a document has a dot in its name, whatever labels and fixed fields there are', () => {
  const namesOf = (value: unknown): string[] =>
    value instanceof Object && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesOf(inner)])
      : []
  const [record] = documentsOf(cri('x'))
  assert.ok(record !== undefined)
  assert.deepEqual(
    namesOf(record.document).filter((name) => name.includes('.')),
    [],
  )
})

test("the partition of a pod's entries is its dataset", () => {
  const [record] = documentsOf(cri('x'), undefined, 'shop.web')
  assert.equal(record?.action.create._index, 'logs-shop.web-default')
  assert.deepEqual(record?.document.data_stream, { type: 'logs', dataset: 'shop.web', namespace: 'default' })
})

test('a JSON object stands as such if it is parsed, with its numbers as they were written', () => {
  const text = '{"level":"error","n":12345678901234567890}'
  const batch = wholeBatchOf(cri(text), format.compile(resource, { hasIds: true }), {
    json: true,
    level: 'off',
    minLevel: 'trace',
  })
  assert.ok(Buffer.from(batch.bytes).includes(`"json":${text}`))
})

test('hostile lines are two lines each, and come back from dead letters as schema loggy has them', () => {
  const hostile = new HostileLines(7)
  const lines = Buffer.concat(Array.from({ length: 200 }, () => hostile.next()))
  const batch = wholeBatchOf(lines, format.compile(resource, { hasIds: true }))
  const own = wholeBatchOf(lines, compileLoggy(resource, { hasIds: true }))
  const wanted = Buffer.from(own.bytes).toString().split('\n').slice(0, -1)
  const entries = [...Cut.whole(batch).entries()]
  assert.equal(entries.length, wanted.length)
  for (const [index, { bytes, head }] of entries.entries())
    assert.deepEqual(JSON.parse(Buffer.from(format.record(bytes, head)).toString()), JSON.parse(wanted[index] ?? ''))
})

test('a dead letter is sent again as it was; one that has no id gets one from the server', () => {
  const batch = wholeBatchOf(cri('{"a":1.0}'), format.compile(resource, { hasIds: true, partition: 'shop' }), {
    json: true,
    level: 'off',
    minLevel: 'trace',
  })
  const [entry] = [...Cut.whole(batch).entries()]
  const record = Buffer.from(format.record(entry?.bytes as Uint8Array, new Uint8Array(0)))
  assert.deepEqual(entryOf(record, format, 'shop')?.bytes.toString(), Buffer.from(batch.bytes).toString())
  const bare = Buffer.from('{"time":"2026-11-22T07:00:00Z","log":"x","kubernetes":{"namespace":"n","pod":"p"}}')
  const [action] = entryOf(bare, format)?.bytes.toString().split('\n') ?? []
  assert.equal(action, '{"create":{"_index":"logs-kubernetes.container_logs-default"}}')
})

test('the URL gets the path of the bulk API if it has none, and always what answers are to have', () => {
  const paths = ['http://a:9200', 'http://a:9200/', 'http://a/es/_bulk?pipeline=x', 'http://a/?filter_path=took']
  const urls = paths.map((url) => new URL(bulkUrl(url)))
  assert.deepEqual(
    urls.map(({ pathname }) => pathname),
    ['/_bulk', '/_bulk', '/es/_bulk', '/_bulk'],
  )
  assert.equal(urls[2]?.searchParams.get('pipeline'), 'x')
  for (const { searchParams } of urls)
    assert.match(String(searchParams.get('filter_path')), /^errors,items\.\*\.status,/)
})
