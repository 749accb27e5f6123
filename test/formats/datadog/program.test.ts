import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../../src/delivery/cut.ts'
import { createDatadog, intakeUrl } from '../../../src/formats/datadog/datadog.ts'
import { compileLoggy } from '../../../src/formats/loggy-program.ts'
import { entryOf } from '../../../src/formats/loggy-record.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { JudgeOptions } from '../../../src/pipeline/pipeline.ts'
import { HostileLines } from '../../kernel/hostile-lines.ts'
import { batchOf } from '../batch-of.ts'

const now = () => Date.parse('2026-11-22T08:00:00Z')
const format = createDatadog({ now, onUndated: () => {} })
const resource: Resource = {
  fields: { cluster: 'prod', team: 'a, b', date: 'x' },
  kubernetes: {
    namespace: 'shop',
    pod: 'web',
    container: 'app',
    uid: 'u-1',
    node: 'node-1',
    image: 'registry.example/shop/web:1.2',
    containerID: 'c0ffee',
    restartCount: 3,
    owner: { kind: 'Deployment', name: 'web' },
    labels: {
      app: 'w',
      'app.kubernetes.io/name': 'web "1"',
      'tags.datadoghq.com/env': 'prod',
      'tags.datadoghq.com/app.service': 'checkout',
      'tags.datadoghq.com/service': 'of the pod',
    },
    annotations: { 'resource.opentelemetry.io/message': 'mine', 'resource.opentelemetry.io/zone': 'eu' },
    annotationsOmitted: ['a/b', 'c'],
  },
}

const JUDGE: JudgeOptions = { json: false, level: 'auto', minLevel: 'debug' }

type Log = Readonly<Record<string, unknown>>

function logsOf(lines: Buffer, { judge = JUDGE, of = resource, hasIds = true } = {}): Log[] {
  const { batch } = batchOf(lines, format.compile(of, { hasIds }), judge)
  return JSON.parse(Buffer.concat(format.frame(Cut.whole(batch).groups())).toString())
}

function cri(text: string, header = '2026-11-22T07:00:00.123456789Z stderr F'): Buffer {
  return Buffer.from(`${header} ${text}\n`)
}

test('a record is a log with what Datadog looks for, and all that is known of it as texts', () => {
  const [{ ddtags, ...log } = {}] = logsOf(cri('[warn] "hé"\t'))
  assert.match(String(log['log.record.uid']), /^[0-9a-f]{16}-000000000000-[0-9a-f]{8}$/)
  assert.deepEqual(
    { ...log, 'log.record.uid': '' },
    {
      timestamp: Date.parse('2026-11-22T07:00:00.123Z'),
      message: '[warn] "hé"\t',
      time: '2026-11-22T07:00:00.123456789Z',
      status: 'warn',
      ddsource: 'web',
      service: 'checkout',
      hostname: 'node-1',
      'log.iostream': 'stderr',
      'log.record.uid': '',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'web',
      'k8s.container.name': 'app',
      'k8s.pod.uid': 'u-1',
      'k8s.node.name': 'node-1',
      'container.id': 'c0ffee',
      'k8s.container.restart_count': '3',
      'container.image.name': 'registry.example/shop/web',
      'container.image.tags': '1.2',
      'k8s.deployment.name': 'web',
      'k8s.pod.label.app': 'w',
      'k8s.pod.label.app.kubernetes.io/name': 'web "1"',
      'k8s.pod.label.tags.datadoghq.com/env': 'prod',
      'k8s.pod.label.tags.datadoghq.com/app.service': 'checkout',
      'k8s.pod.label.tags.datadoghq.com/service': 'of the pod',
      'k8s.pod.annotation.resource.opentelemetry.io/message': 'mine',
      'k8s.pod.annotation.resource.opentelemetry.io/zone': 'eu',
      'k8s.cluster.name': 'prod',
      'service.name': 'web "1"',
      'service.namespace': 'shop',
      'service.version': '1.2',
      'service.instance.id': 'shop.web.app',
      zone: 'eu',
      'loggy.annotationsOmitted': 'a/b,c',
      'loggy.fields.team': 'a, b',
      'loggy.fields.date': 'x',
    },
  )
  assert.deepEqual(String(ddtags).split(',').sort(), [
    'container_id:c0ffee',
    'date:x',
    'env:prod',
    'image_name:registry.example/shop/web',
    'image_tag:1.2',
    'kube_app_name:web_"1"',
    'kube_cluster_name:prod',
    'kube_container_name:app',
    'kube_deployment:web',
    'kube_namespace:shop',
    'kube_ownerref_kind:deployment',
    'kube_ownerref_name:web',
    'pod_name:web',
    'short_image:web',
    'team:a_b',
  ])
})

test("source and service are those of the annotation for Datadog's agent, if it is one", () => {
  const originOf = (text: string) => {
    const annotations = { 'ad.datadoghq.com/app.logs': text }
    const of = { ...resource, kubernetes: { ...resource.kubernetes, labels: {}, annotations } }
    const [{ ddsource, service } = {}] = logsOf(cri('x'), { of })
    return [ddsource, service]
  }
  assert.deepEqual(originOf('[{"source":"java","service":"shop"}]'), ['java', 'shop'])
  assert.deepEqual(originOf('[{"source":"java","service":7}]'), ['java', 'web'])
  for (const text of ['', '[', '7', 'null', '{}', '[]', '[null]', '[{"source":""}]'])
    assert.deepEqual(originOf(text), ['web', 'web'], text)
})

test('of a pod that is not known there is what its path says', () => {
  const of = { fields: {}, kubernetes: { namespace: 'shop', pod: 'web', container: 'app', metadata: 'path-only' } }
  const [log = {}] = logsOf(cri('x'), { of, hasIds: false })
  assert.deepEqual(
    [log.ddsource, log.service, log.hostname, log['loggy.metadata'], log['log.record.uid']],
    ['kubernetes', 'web', undefined, 'path-only', undefined],
  )
  assert.equal(log.ddtags, 'kube_namespace:shop,pod_name:web,kube_container_name:app')
})

test('a line is the text that it is, also if it is a JSON object', () => {
  for (const json of [true, false]) {
    const text = '{"a" : 1.0, "b":"\\u00e9"}'
    const docker = Buffer.from(
      `${JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: '2026-11-22T07:00:00Z' })}\n`,
    )
    const logs = logsOf(Buffer.concat([cri(text), docker]), { judge: { ...JUDGE, json } })
    assert.deepEqual(
      logs.map(({ message }) => message),
      [text, text],
    )
  }
})

test('hostile lines are logs with texts only, come back as schema loggy has them, and go again as they were', () => {
  for (let seed = 0; seed < 10; seed += 1) {
    const hostile = new HostileLines(seed)
    const lines = Buffer.concat(Array.from({ length: 150 }, () => hostile.next()))
    const { batch, byteCount } = batchOf(lines, format.compile(resource, { hasIds: true }))
    const own = batchOf(lines.subarray(0, byteCount), compileLoggy(resource, { hasIds: true }))
    const wanted = Buffer.from(own.batch.bytes).toString().split('\n').slice(0, -1)
    const entries = [...Cut.whole(batch).entries()]
    assert.equal(entries.length, wanted.length)
    const logs: Log[] = JSON.parse(Buffer.concat(format.frame(Cut.whole(batch).groups())).toString())
    for (const log of logs)
      for (const [name, value] of Object.entries(log))
        assert.equal(typeof value, name === 'timestamp' ? 'number' : 'string')
    for (const [index, { bytes, head }] of entries.entries()) {
      const record = Buffer.from(format.record(bytes, head))
      assert.deepEqual(JSON.parse(record.toString()), JSON.parse(wanted[index] ?? ''))
      // A body of docker's format may have other escapes.
      const [again, first] = [entryOf(record, format)?.bytes, bytes].map((one) =>
        JSON.parse(
          Buffer.from(one ?? [])
            .toString()
            .slice(1),
        ),
      )
      assert.deepEqual(again, first)
    }
  }
})

test('the URL gets the path of the intake if it has none', () => {
  assert.equal(intakeUrl('https://http-intake.logs.datadoghq.eu'), 'https://http-intake.logs.datadoghq.eu/api/v2/logs')
  assert.equal(intakeUrl('http://proxy/datadog?a=b'), 'http://proxy/datadog?a=b')
})
