import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApiObject } from '../../src/simulation/api-objects.ts'
import { waitUntil } from '../support/wait-until.ts'
import { ask, listen } from './api-client.ts'

function pod(name: string, nodeName?: string, labels = {}): ApiObject {
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: nodeName === undefined ? {} : { nodeName },
  }
}

function eventsOf(body: string): { type: string; object: ApiObject & { code?: number } }[] {
  return body
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

const summary = (body: string) =>
  eventsOf(body).map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim())

describe('the fake API server', () => {
  test('answers an empty list byte for byte as Kubernetes 1.20 does', async (t) => {
    const server = await listen(t)
    const { code, headers, body } = await ask(
      server,
      '/api/v1/pods?fieldSelector=spec.nodeName%3Dnone&resourceVersion=0',
    )
    assert.equal(code, 200)
    assert.equal(body, '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}\n')
    assert.equal(headers['content-length'], '83')
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['cache-control'], 'no-cache, private')
    assert.equal(headers['content-encoding'], undefined)
  })

  /** Path, status, body: recorded from a real server. */
  const failures: readonly [string, number, string][] = [
    [
      '/api/v1/nothing',
      404,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}\n',
    ],
    [
      '/api/v1/pods?fieldSelector=spec.foo%3D1',
      400,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"field label not supported: spec.foo","reason":"BadRequest","code":400}\n',
    ],
    [
      '/api/v1/pods?resourceVersion=abc',
      500,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"resourceVersion: Invalid value: \\"abc\\": strconv.ParseUint: parsing \\"abc\\": invalid syntax","code":500}\n',
    ],
    [
      '/api/v1/pods?resourceVersion=99999999',
      504,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource version: 99999999, current: 1","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}\n',
    ],
  ]
  for (const [path, code, body] of failures) {
    test(`words the ${code} of ${path} as Kubernetes 1.20 does`, async (t) => {
      const answer = await ask(await listen(t), path)
      assert.deepEqual([answer.code, answer.body], [code, body])
      assert.equal(answer.headers['retry-after'], code === 504 ? '1' : undefined)
    })
  }

  test('wants its token, and then the rights', async (t) => {
    const server = await listen(t, { token: 'secret' })
    const { code, body } = await ask(server, '/api/v1/pods', { token: 'bad' })
    assert.equal(code, 401)
    assert.equal(
      body,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
    )
    server.deny('list', 'nodes')
    const forbidden = await ask(server, '/api/v1/nodes', { token: 'secret' })
    assert.equal(forbidden.code, 403)
    assert.match(
      forbidden.body,
      /nodes is forbidden: User \\"[^"]+\\" cannot list resource \\"nodes\\" in API group \\"\\" at the cluster scope","reason":"Forbidden","details":{"kind":"nodes"},"code":403}/,
    )
    server.allow('list', 'nodes')
    assert.equal((await ask(server, '/api/v1/nodes', { token: 'secret' })).code, 200)
  })

  test('lists what the field selector asks for, with managedFields, without kinds', async (t) => {
    const server = await listen(t)
    server.upsert(pod('a', 'n1'))
    server.upsert(pod('b', 'n2'))
    server.upsert({ kind: 'Node', metadata: { name: 'n1' } })
    server.upsert({ kind: 'Namespace', metadata: { name: 'shop' } })
    const names = async (path: string) =>
      JSON.parse((await ask(server, path)).body).items.map(({ metadata }: ApiObject) => metadata.name)
    assert.deepEqual(await names('/api/v1/pods'), ['a', 'b'])
    assert.deepEqual(await names('/api/v1/pods?fieldSelector=spec.nodeName%3Dn2'), ['b'])
    assert.deepEqual(await names('/api/v1/nodes?fieldSelector=metadata.name%3Dn1'), ['n1'])
    assert.deepEqual(await names('/api/v1/namespaces'), ['shop'])
    const { items, metadata } = JSON.parse((await ask(server, '/api/v1/pods')).body)
    assert.equal(metadata.resourceVersion, '5')
    assert.equal(items[0].kind, undefined)
    assert.ok(
      items[0].metadata.managedFields.length > 0 && items[0].metadata.uid && items[0].metadata.creationTimestamp,
    )
  })

  test('sends a watch in chunks, one line per event, from after the version asked for', async (t) => {
    const server = await listen(t)
    server.upsert(pod('a', 'n1'))
    const watch = ask(server, '/api/v1/pods?watch=1&resourceVersion=2&fieldSelector=spec.nodeName%3Dn1')
    await waitUntil('the watch is open', () => server.openWatches('pods').length === 1)
    server.upsert(pod('b'))
    server.upsert(pod('b', 'n1'))
    server.upsert(pod('b', 'n1', { app: 'b' }))
    server.upsert(pod('c', 'n2'))
    server.delete(pod('b', 'n1'))
    server.endWatches()
    const { code, headers, body } = await watch
    assert.equal(code, 200)
    assert.equal(headers['transfer-encoding'], 'chunked')
    assert.deepEqual(summary(body), ['ADDED b', 'MODIFIED b', 'DELETED b'])
    const versions = eventsOf(body).map(({ object }) => object.metadata.resourceVersion)
    assert.deepEqual(versions, ['4', '5', '7'])
    assert.match(body, /^{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"b"/)
  })

  test('begins a watch without a version with all there is, and one from the past with what was missed', async (t) => {
    const server = await listen(t)
    server.upsert(pod('a'))
    server.upsert(pod('b'))
    server.delete(pod('a'))
    const watchFrom = async (version: string) =>
      summary((await ask(server, `/api/v1/pods?watch=1&timeoutSeconds=0&resourceVersion=${version}`)).body)
    assert.deepEqual(await watchFrom(''), ['ADDED b'])
    assert.deepEqual(await watchFrom('0'), ['ADDED b'])
    assert.deepEqual(await watchFrom('2'), ['ADDED b', 'DELETED a'])
    assert.deepEqual(await watchFrom('99'), [])
  })

  test('tells a pod made anew under its name as a deletion and an addition', async (t) => {
    const server = await listen(t)
    server.upsert({ kind: 'Pod', metadata: { name: 'a', namespace: 'shop', uid: 'u1' } })
    server.upsert({ kind: 'Pod', metadata: { name: 'a', namespace: 'shop', uid: 'u2' } })
    const { body } = await ask(server, '/api/v1/pods?watch=1&timeoutSeconds=0&resourceVersion=1')
    assert.deepEqual(summary(body), ['ADDED a', 'DELETED a', 'ADDED a'])
  })

  test('answers an expired watch with 200 and an ERROR event, then ends', async (t) => {
    const server = await listen(t)
    server.upsert(pod('a'))
    server.expireHistory()
    const { code, body } = await ask(server, '/api/v1/pods?watch=1&resourceVersion=2')
    assert.equal(code, 200)
    assert.equal(
      body,
      '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 2 (3)","reason":"Expired","code":410}}\n',
    )
  })

  test('sends bookmarks to those who asked, the last one before the end', async (t) => {
    const server = await listen(t)
    server.upsert(pod('a'))
    const path = '/api/v1/pods?watch=1&resourceVersion=2&timeoutSeconds=1'
    const [plain, marked] = await Promise.all([ask(server, path), ask(server, `${path}&allowWatchBookmarks=true`)])
    assert.equal(plain.body, '')
    assert.deepEqual(summary(marked.body), ['BOOKMARK'])
    assert.equal(eventsOf(marked.body)[0]?.object.metadata.resourceVersion, '2')
  })

  test('cuts connections without an end, goes down, and comes back on its port', async (t) => {
    const server = await listen(t)
    server.upsert(pod('a'))
    const { url } = server
    const watch = ask(server, '/api/v1/pods?watch=1', { onText: () => server.cutConnections() })
    assert.equal((await watch).code, undefined)
    await server.down()
    await assert.rejects(ask(server, '/api/v1/pods'), { code: 'ECONNREFUSED' })
    await server.up()
    assert.equal(server.url, url)
    assert.equal((await ask(server, '/api/v1/pods')).code, 200)
    assert.equal(server.count('watch', 'pods'), 1)
  })

  test('fails as often and as it was told, for the verb it was told', async (t) => {
    const server = await listen(t)
    server.failNext(2, { status: 429, verb: 'watch', retryAfterSeconds: 3 })
    assert.equal((await ask(server, '/api/v1/pods')).code, 200)
    for (let i = 0; i < 2; i++) {
      const { code, headers } = await ask(server, '/api/v1/pods?watch=1')
      assert.deepEqual([code, headers['retry-after']], [429, '3'])
    }
    assert.equal((await ask(server, '/api/v1/pods?watch=1&timeoutSeconds=0')).code, 200)
  })
})
