import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { ApiError } from '../../src/kube/api-error.ts'
import { KubeClient } from '../../src/kube/client.ts'
import { LoggyError } from '../../src/lib/errors.ts'
import { FakeApiServer, type FakeApiServerOptions } from '../../src/simulation/api-server.ts'
import { kubeconfig } from '../support/kubeconfig.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { selfSignedCertificate } from './certificate.ts'
import { ManualClock } from './support.ts'

const never = new AbortController().signal

async function listen(t: TestContext, options?: FakeApiServerOptions): Promise<FakeApiServer> {
  const server = await FakeApiServer.start(options)
  t.after(() => server.close())
  return server
}

async function textOf(response: { readonly body: AsyncIterable<Uint8Array> }): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status.code === 401
}

/** As the kubelet does it: the new file takes the old one's place at once. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

describe('a client with a service account', () => {
  async function setUp(t: TestContext) {
    const directory = temporaryDirectory(t)
    const tls = selfSignedCertificate()
    const server = await listen(t, { tls, token: 'first' })
    replaceFile(join(directory, 'token'), 'first\n')
    replaceFile(join(directory, 'ca.crt'), tls.cert)
    const clock = new ManualClock()
    const client = new KubeClient({ kind: 'service-account', server: server.url, directory }, { clock, env: {} })
    const get = async () => await textOf(await client.get('/api/v1/pods', {}, never))
    return { directory, server, clock, client, get }
  }

  test('trusts its authority and bears its token', async (t) => {
    const { get, server } = await setUp(t)
    assert.match(await get(), /"kind":"PodList"/)
    assert.equal(server.requests[0]?.authorization, 'Bearer first')
  })

  test('refuses a server that its authority did not vouch for', async (t) => {
    const { get, server, directory } = await setUp(t)
    replaceFile(join(directory, 'ca.crt'), selfSignedCertificate().cert)
    server.setCertificate(selfSignedCertificate())
    await assert.rejects(get, { code: 'KUBE_UNREACHABLE' })
    assert.equal(server.requests.length, 0)
  })

  test('takes over a renewed token within a minute', async (t) => {
    const { get, server, directory, clock, client } = await setUp(t)
    await get()
    replaceFile(join(directory, 'token'), 'second')
    clock.advance(59_000)
    await get()
    assert.equal(server.requests.at(-1)?.authorization, 'Bearer first')
    clock.advance(1000)
    server.setToken('second')
    await get()
    clock.advance(60_000)
    await get()
    assert.equal(client.counters.credentialReloads, 1)
  })

  test('takes over a renewed token right after a 401', async (t) => {
    const { get, server, directory, client } = await setUp(t)
    await get()
    server.setToken('second')
    replaceFile(join(directory, 'token'), 'second')
    await assert.rejects(get, isUnauthorized)
    await get()
    assert.equal(client.counters.unauthorized, 1)
  })

  test('takes over a renewed authority right after a failed handshake', async (t) => {
    const { get, server, directory, client } = await setUp(t)
    await get()
    const tls = selfSignedCertificate()
    server.setCertificate(tls)
    replaceFile(join(directory, 'ca.crt'), tls.cert)
    await assert.rejects(get, { code: 'KUBE_UNREACHABLE' })
    await get()
    assert.equal(client.counters.unreachable, 1)
  })
})

describe('a client with a kubeconfig', () => {
  async function setUp(t: TestContext, options?: FakeApiServerOptions) {
    const server = await listen(t, options)
    const file = join(temporaryDirectory(t), 'config')
    writeFileSync(file, server.kubeconfig)
    const clock = new ManualClock()
    const client = new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock, env: {} })
    return { server, file, clock, client }
  }

  test('asks over plain HTTP too, with path and query as given', async (t) => {
    const { client, server } = await setUp(t)
    await textOf(await client.get('/api/v1/pods', { fieldSelector: 'spec.nodeName=a&b c' }, never))
    assert.equal(server.requests[0]?.url, '/api/v1/pods?fieldSelector=spec.nodeName%3Da%26b+c')
  })

  test('keeps the path under which the server is reached', async (t) => {
    const { server, file, clock } = await setUp(t)
    writeFileSync(file, server.kubeconfig.replace(server.url, `${server.url}/k8s/clusters/c-1`))
    const client = new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock, env: {} })
    await assert.rejects(client.get('/api/v1/pods', {}, never), { code: 'KUBE_STATUS' })
    assert.equal(server.requests[0]?.url, '/k8s/clusters/c-1/api/v1/pods')
  })

  test('reads what a Status says', async (t) => {
    const { client, server } = await setUp(t, { token: 'x' })
    server.deny('list', 'pods')
    const error = await client.get('/api/v1/pods', { resourceVersion: '0' }, never).catch((error: unknown) => error)
    assert.ok(error instanceof ApiError)
    assert.equal(error.status.code, 403)
    assert.match(error.message, /answered 403: pods is forbidden: .* cannot list resource "pods"/)
    const tooLarge = await client
      .get('/api/v1/nodes', { resourceVersion: '99' }, never)
      .catch((error: unknown) => error)
    assert.ok(tooLarge instanceof ApiError)
    assert.equal(tooLarge.isTooLarge, true)
    assert.equal(tooLarge.status.retryAfterMs, 1000)
  })

  test('makes the best of an answer that is no Status', async (t) => {
    const { client, server } = await setUp(t)
    server.failNext(1, { status: 502, body: '<html>bad gateway</html>' })
    server.failNext(1, { status: 503, body: '' })
    await assert.rejects(client.get('/api/v1/pods', {}, never), { message: /502: <html>bad gateway/ })
    await assert.rejects(client.get('/api/v1/pods', {}, never), { message: /503: no reason given/ })
  })

  test('ends a request when its signal aborts', async (t) => {
    const { client, server } = await setUp(t)
    const stop = new AbortController()
    const { body } = await client.get('/api/v1/pods', { watch: '1' }, stop.signal)
    stop.abort()
    await assert.rejects(textOf({ body }))
    await assert.rejects(client.get('/api/v1/pods', {}, stop.signal), { code: 'KUBE_UNREACHABLE' })
    assert.equal(server.requests.length, 1)
  })

  test('gives up a server that accepts and says nothing', async (t) => {
    const { file, clock } = await setUp(t)
    const mute = createServer((socket) => socket.on('error', () => {}).resume())
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    t.after(() => mute.close())
    const address = mute.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    writeFileSync(file, kubeconfig({ server: `http://127.0.0.1:${port}` }, {}))
    const client = new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock, env: {}, headersTimeoutMs: 50 })
    await assert.rejects(client.get('/api/v1/pods', {}, never), (error) => {
      return error instanceof LoggyError && error.code === 'KUBE_UNREACHABLE' && /50 ms/.test(String(error.cause))
    })
  })

  test('says which file it cannot use', (t) => {
    const file = join(temporaryDirectory(t), 'config')
    for (const text of ['{', 'clusters: [{name: a}]', 'current-context: nowhere', 'null']) {
      writeFileSync(file, text)
      const make = () => new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock: new ManualClock(), env: {} })
      assert.throws(
        make,
        (error) => error instanceof LoggyError && error.code === 'KUBE_CONFIG_INVALID' && error.message.includes(file),
      )
    }
  })

  test('creates an object, and frees the connection for the next', async (t) => {
    const server = await listen(t)
    const file = join(temporaryDirectory(t), 'config')
    writeFileSync(file, server.kubeconfig)
    const client = new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock: new ManualClock(), env: {} })
    const path = '/api/v1/namespaces/shop/events'
    const event = (name: string, message = 'ä') => {
      const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u' }
      return { apiVersion: 'v1', kind: 'Event', metadata: { name, namespace: 'shop' }, involvedObject, message }
    }
    for (const name of ['a', 'b']) await client.create(path, event(name, 'ä'.repeat(50_000)), never)
    assert.deepEqual(
      server.postedEvents.list().map(({ metadata, message }) => [metadata.name, message.length]),
      ['a', 'b'].map((name) => [name, 50_000]),
    )
    const isConflict = (error: unknown) => error instanceof ApiError && error.status.code === 409
    await assert.rejects(client.create(path, event('a'), never), isConflict)
    server.failNext(1, { status: 401, verb: 'create' })
    await assert.rejects(client.create(path, event('c'), never), isUnauthorized)
    await server.down()
    const isUnreachable = (error: unknown) => error instanceof LoggyError && error.code === 'KUBE_UNREACHABLE'
    await assert.rejects(client.create(path, event('c'), never), isUnreachable)
    assert.deepEqual(client.counters, { requests: 5, unauthorized: 1, unreachable: 1, credentialReloads: 1 })
  })
})
