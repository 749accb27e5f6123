import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { ApiError } from '../../src/kube/api-error.ts'
import { KubeClient } from '../../src/kube/client.ts'
import { openPortForward } from '../../src/kube/port-forward.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { kubeconfigFor } from '../../src/simulation/api-kubeconfig.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { FakePortForward, type ForwardTarget } from '../support/port-forward.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'
import { selfSignedCertificate } from './certificate.ts'

const agent = { namespace: 'loggy', pod: 'loggy-1', port: 9181 }
const never = new AbortController().signal

test('carries bytes both ways, over TLS, without the numbers of the port', async (t) => {
  const { open, forwards } = await setUp(t, (socket) => socket.once('data', (bytes) => socket.end(`got ${bytes}`)))
  const stream = await open()
  stream.write('hello')
  assert.equal(await text(stream), 'got hello')
  assert.deepEqual(forwards.asked, [agent])
})

test('does not read on while nobody takes the bytes', async (t) => {
  const sent = Buffer.alloc(32 * 1024 * 1024)
  const { open, forwards } = await setUp(t, (socket) => socket.end(sent))
  const stream = await open()
  await once(stream, 'readable')
  const isHeldUp = () => [...forwards.sockets].some((socket) => socket.bufferedAmount > 8 * 1024 * 1024)
  await waitUntil('the API server cannot send on', isHeldUp)
  assert.ok(stream.readableLength < 1024 * 1024, `${stream.readableLength} bytes waiting`)
  const received = await buffer(stream)
  assert.equal(received.length, sent.length)
})

test('says what the kubelet says when nothing listens on the port', async (t) => {
  const { open } = await setUp(t, { refused: true })
  const stream = await open()
  await assert.rejects(text(stream), {
    code: 'KUBE_PORT_FORWARD',
    message: /^error forwarding port 9181 .*connection refused$/,
  })
})

test('rejects with what the API server says when it refuses', async (t) => {
  const body =
    '{"kind":"Status","status":"Failure","message":"pods \\"loggy-1\\" is forbidden","reason":"Forbidden","code":403}'
  const { open } = await setUp(t, { status: 403, body })
  await assert.rejects(open(), (error) => error instanceof ApiError && error.status.code === 403)
})

test('rejects when the API server cannot be reached, and when it is aborted meanwhile', async (t) => {
  const { open, server } = await setUp(t, { refused: true })
  await assert.rejects(open(AbortSignal.abort()), { name: 'AbortError' })
  await server.down()
  await assert.rejects(open(), { code: 'KUBE_UNREACHABLE' })
})

test('ends the connection to the pod when it is destroyed, or its writing ended', async (t) => {
  for (const end of ['destroy', 'end'] as const) {
    const accepted = Promise.withResolvers<Socket>()
    const { open } = await setUp(t, (socket) => accepted.resolve(socket))
    const stream = await open()
    stream.write('x')
    const socket = await accepted.promise
    stream[end]()
    await once(socket.resume(), 'close')
  }
})

/** `pod` is what its port does with a connection, or why there is none. */
async function setUp(t: TestContext, pod: ForwardTarget | ((socket: Socket) => void)) {
  const target = typeof pod === 'function' ? { port: await listen(t, pod) } : pod
  const forwards = new FakePortForward(() => target)
  const tls = selfSignedCertificate()
  const server = await FakeApiServer.start({ tls, onUpgrade: forwards.onUpgrade })
  t.after(async () => {
    forwards.close()
    await server.close()
  })
  const file = join(temporaryDirectory(t), 'kubeconfig')
  writeFileSync(file, kubeconfigFor(server.url, { token: 't', ca: tls.cert }))
  const client = new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock: systemClock, env: {} })
  return { server, forwards, open: (signal = never) => openPortForward(client, { ...agent, signal }) }
}

async function listen(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}
