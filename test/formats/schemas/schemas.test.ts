import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readLine } from '../../../src/entry/line.ts'
import { readRecord } from '../../../src/formats/read-record.ts'
import { renderRecord } from '../../../src/formats/render-record.ts'
import { compileSchema } from '../../../src/formats/schema-program.ts'
import { type SchemaName, schemaOf, schemas, toLoggy } from '../../../src/formats/schemas/schemas.ts'
import type { Resource } from '../../../src/model/resource.ts'
import { Lane } from '../../../src/pipeline/lane.ts'
import { Pipeline } from '../../../src/pipeline/pipeline.ts'
import { Random } from '../../../src/simulation/random.ts'
import { HostileLines } from '../../kernel/hostile-lines.ts'
import { someContainer } from '../../support/some-container.ts'
import { noStrictParser, parseStrictly } from '../../support/strict-parser.ts'
import { fieldsOf } from './schemas-markdown.ts'

const NAMES = Object.keys(schemas) as SchemaName[]
const clock = { now: () => Date.parse('2026-11-25T12:00:00Z'), monotonic: () => 0, sleep: () => Promise.resolve() }
const LEVELLED = [
  '{"level":"error","n":12345678901234567890,"n":1.0}',
  'W1125 18:00:00.000000 1 x.go:1] careful',
  '[DEBUG] x',
]
const digest = createHash('sha256').update('some log').digest('hex').slice(0, 16)

const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, clock)
pipeline.configure({ json: true, level: 'auto', minLevel: 'debug' })
const builder = pipeline.newBatch()

/** The entries of these lines in a schema, with ids and levels. */
function entriesOf(name: SchemaName, resource: Resource, bytes: Buffer): string[] {
  const lane = new Lane({ ref: someContainer }, compileSchema(schemas[name])(resource, { hasIds: true }))
  const encoded = pipeline.encode(
    { file: { path: '0.log', key: digest }, bytes, offset: 0, isFinal: false },
    lane,
    builder,
  )
  assert.equal(encoded.isBatchFull, false)
  const entries = Buffer.from(builder.seal().bytes).toString().split('\n').slice(0, -1)
  builder.clear()
  return entries
}

/** Lines of all kinds: usual, malformed, partial, lost, cut; of each stream, with levels and JSON objects. */
function linesOf(seed: number): Buffer {
  const hostile = new HostileLines(seed)
  const random = new Random(seed)
  const usual = () => `2026-11-22T07:00:00.5Z ${random.pick(['stdout', 'stderr'])} F ${random.pick(LEVELLED)}\n`
  const lines = Array.from({ length: 20 }, () => [Buffer.from(usual()), hostile.next()])
  return Buffer.concat([...lines.flat(), Buffer.from(`2026-11-22T07:00:00.5Z stdout F ${'long '.repeat(300)}\n`)])
}

/** Keys as the API server takes them, which meet where dots become `_`. Source: apimachinery, `IsQualifiedName`. */
const part = fc.stringMatching(/^[ab1]([-ab1_.]{0,6}[ab1])?$/)
const key = fc.oneof(
  part,
  fc.tuple(fc.stringMatching(/^[ab]([ab.]?[ab])?$/), part).map((parts) => parts.join('/')),
)
const known = fc.constantFrom(
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/version',
  'pod-template-hash',
  'job-name',
  'resource.opentelemetry.io/service.name',
  'resource.opentelemetry.io/k8s.pod.name',
  'resource.opentelemetry.io/k8s.pod.label.x',
  'resource.opentelemetry.io/team',
)
const value = fc.string({ unit: 'grapheme', maxLength: 8 })
const map = fc.dictionary(fc.oneof(key, known), value, { maxKeys: 8, noNullPrototype: true })
const name = fc.stringMatching(/^[a-z]{1,5}$/)
const owner = fc.record(
  {
    kind: fc.constantFrom('Deployment', 'CronJob', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Rollout'),
    name,
  },
  { noNullPrototype: true },
)
const image = fc.oneof(
  fc.constantFrom(
    'web',
    'shop/web:1.2.3',
    'r.example:5000/web',
    `r.example:5000/web:1@sha256:${'0'.repeat(64)}`,
    '',
    ':',
  ),
  value,
)
const fixed = fc.dictionary(
  fc.constantFrom(
    'team',
    'a.b',
    'message',
    'fields',
    'loggy',
    'service.name',
    'k8s.pod.name',
    'k8s.pod.label.x',
    'source_type',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  { noNullPrototype: true },
)
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const resource: fc.Arbitrary<Resource> = fc
  .record({
    fields: fc.tuple(optional(name), fixed).map(([cluster, fields]) => ({ ...(cluster && { cluster }), ...fields })),
    kubernetes: fc.record({
      ...{
        namespace: name,
        pod: name,
        container: name,
        uid: optional(name),
        node: optional(name),
        podIP: optional(name),
      },
      ...{ image: optional(image), containerID: optional(name), restartCount: optional(fc.nat()) },
      ...{
        containerKind: optional(fc.constantFrom('init', 'sidecar', 'ephemeral')),
        owner: optional(owner),
        labels: map,
      },
      ...{ annotations: map, annotationsOmitted: optional(fc.array(key, { minLength: 1 })) },
      ...{ namespaceLabels: optional(map), nodeLabels: optional(map) },
    }),
  })
  .chain((whole) => fc.constantFrom(whole, pathOnly(whole), cached(whole)))

/** Of a pod that is not known. */
function pathOnly({ fields, kubernetes: { namespace, pod, container } }: Resource): Resource {
  return { fields, kubernetes: { namespace, pod, container, metadata: 'path-only' } }
}

/** Of a pod that is known from the agent's disk. */
function cached({ fields, kubernetes }: Resource): Resource {
  return { fields, kubernetes: { ...kubernetes, metadata: 'cached' } }
}

/** To compare: maps without members are none, and times are instants. */
function comparable(entry: object): Readonly<Record<string, unknown>> {
  const { time, kubernetes, ...rest } = entry as { time?: string; kubernetes?: Record<string, unknown> }
  const isEmpty = (member: unknown) => typeof member === 'object' && JSON.stringify(member) === '{}'
  const members = Object.entries(kubernetes ?? {}).filter(([, member]) => member !== undefined && !isEmpty(member))
  return { ...rest, time: instantOf(time ?? ''), kubernetes: Object.fromEntries(members) }
}

function instantOf(time: string): string | undefined {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(time) ?? []
  const milliseconds = Date.parse(`${seconds}${zone}`)
  return Number.isNaN(milliseconds) ? undefined : `${milliseconds} ${fraction.slice(0, 9).padEnd(9, '0')}`
}

test('each schema has a place for each field', () => {
  const all = fieldsOf(schemas.loggy).sort()
  for (const schema of Object.values(schemas)) assert.deepEqual(fieldsOf(schema).sort(), all, schema.name)
})

for (const name of NAMES) {
  describe(`schema ${name}`, () => {
    test('gives back every field of any record, whatever its labels', () => {
      let seed = 0
      fc.assert(
        fc.property(resource, (of) => {
          seed += 1
          const bytes = linesOf(seed)
          const own = entriesOf('loggy', of, bytes)
          const written = entriesOf(name, of, bytes)
          assert.equal(written.length, own.length)
          for (const [index, line] of written.entries()) {
            assert.equal(schemaOf(JSON.parse(line))?.name, name)
            const expected = comparable(JSON.parse(own[index] ?? ''))
            const found = comparable(toLoggy(JSON.parse(line)) ?? {})
            // Some times that a line may have are none to JavaScript.
            assert.deepEqual(expected.time === undefined ? { ...found, time: undefined } : found, expected)
          }
        }),
        { numRuns: 40, endOnFailure: true },
      )
    })

    test('is read by whatever reads entries', () => {
      const of = {
        fields: {},
        kubernetes: { namespace: 'shop', pod: 'web', container: 'app', labels: { 'a.b/c': 'd' } },
      }
      const [line = ''] = entriesOf(name, of, Buffer.from('2026-11-22T07:00:00.5Z stderr F [WARN] hello\n'))
      const read = readLine(line)
      const entry = read.kind === 'entry' ? read.entry : undefined
      assert.deepEqual([entry?.stream, entry?.level, entry?.log], ['stderr', 'warn', '[WARN] hello'])
      assert.deepEqual(entry?.kubernetes.labels, { 'a.b/c': 'd' })
    })

    test('renders a record that was read back as the kernel did', () => {
      const of = { fields: { team: 'x' }, kubernetes: { namespace: 'shop', pod: 'web', container: 'app' } }
      const program = compileSchema(schemas[name])(of, { hasIds: true })
      for (const line of entriesOf(name, of, linesOf(7))) {
        const read = readRecord(line)
        assert.ok(read !== undefined)
        assert.deepEqual(JSON.parse(renderRecord(program, read.record).toString()), JSON.parse(line))
        if (read.record.body.form === 'json') assert.ok(line.includes(read.record.body.text))
      }
    })

    test('containers share the operations, and have their own texts', () => {
      const programs = ['web', 'db'].map((pod) =>
        compileSchema(schemas[name])({ fields: {}, kubernetes: { namespace: 'shop', pod } }, { hasIds: true }),
      )
      assert.equal(programs[0]?.ops, programs[1]?.ops)
      assert.notDeepEqual(programs[0]?.literals, programs[1]?.literals)
    })

    test('is strict JSON without a name twice', { skip: noStrictParser }, () => {
      const labels = { 'a.b': '1', a_b: '2', 'a.b/c': '3', 'a_b/c': '4', '\ud800': '\udfff' }
      const of = {
        fields: {},
        kubernetes: { namespace: 'shop', pod: 'web', container: 'app', labels, annotations: labels },
      }
      const lines = entriesOf(name, of, linesOf(3))
      assert.equal(parseStrictly(lines.map((line) => `${line}\n`)), lines.length)
      // Keys do not come back twice from what `JSON.parse` makes, so as many as were written are there.
      const [line = ''] = entriesOf(name, of, Buffer.from('2026-11-22T07:00:00.5Z stderr F x\n'))
      assert.equal(JSON.stringify(JSON.parse(line)).length, line.length)
    })
  })
}
