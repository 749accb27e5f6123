import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { systemCode } from '../../src/lib/errors.ts'
import type { Answer, Request } from '../../src/model/sink.ts'
import { type HttpOptions, HttpTransport } from '../../src/transports/http.ts'
import { httpOptions } from '../delivery/http-sink.ts'
import { Collector } from '../support/collector.ts'
import { ProxyServer } from '../support/proxy-server.ts'
import { waitUntil } from '../support/wait-until.ts'

const material = (name: string) => new URL(`../support/tls/${name}`, import.meta.url)
const tls = { cert: readFileSync(material('server.crt')), key: readFileSync(material('server.key')) }
const caFile = material('authority.crt').pathname
const request: Request = {
  body: Buffer.from('{"n":1}\n'),
  contentType: 'application/x-ndjson',
  contentEncoding: '',
  partition: '',
  answerBytes: 0,
}
const never = new AbortController().signal

/** A destination, with TLS unless `isPlain`, that is reached as collector.test through a proxy. */
async function setUp(t: TestContext, { isPlain = false, user = '', ...options }: Partial<HttpOptions> & Setting = {}) {
  const collector = new Collector(isPlain ? {} : { tls })
  await collector.start()
  const proxy = await ProxyServer.start(t)
  const { port } = new URL(collector.url)
  const url = `${isPlain ? 'http' : 'https'}://collector.test:${port}/entries?key=hunter3`
  const defaults = httpOptions(url, '')
  const address = `http://${user}127.0.0.1:${proxy.port}`
  const env = { [isPlain ? 'HTTP_PROXY' : 'https_proxy']: address }
  const transport = new HttpTransport({ ...defaults, tls: { ...defaults.tls, caFile }, env, ...options }, systemClock)
  t.after(async () => {
    await transport.close()
    await collector.stop()
  })
  return { collector, proxy, transport, port, send: () => transport.send(request, never) }
}

interface Setting {
  readonly isPlain?: boolean
  /** With a colon and an at sign. */
  readonly user?: string
}

function told(answer: Answer): string {
  return answer.kind === 'fault' ? `${systemCode(answer.error)}: ${(answer.error as Error).message}` : answer.kind
}

const BASIC = `Basic ${Buffer.from('me:hunter2/').toString('base64')}`

test('TLS goes through a tunnel of the proxy, which sees neither path nor entries, and is used again', async (t) => {
  const { collector, proxy, port, send, transport } = await setUp(t, { user: 'me:hunter2%2F@' })
  for (const _ of [1, 2, 3]) assert.equal(told(await send()), 'status')
  assert.equal(collector.received().length, 3)
  assert.equal(proxy.requests.length, 1)
  const [{ method, target, headers } = { method: '', target: '', headers: {} }] = proxy.requests
  assert.deepEqual([method, target, headers.host], ['CONNECT', `collector.test:${port}`, `collector.test:${port}`])
  assert.equal(headers['proxy-authorization'], BASIC)
  assert.equal(collector.requests[0]?.headers['proxy-authorization'], undefined)
  assert.doesNotMatch(transport.name, /hunter|me:/)
  assert.match(transport.name, /^https:\/\/collector\.test:\d+\/entries through the proxy http:\/\/127\.0\.0\.1:\d+$/)
})

test('without TLS the proxy gets the whole URL, and forwards', async (t) => {
  const { collector, proxy, port, send } = await setUp(t, { isPlain: true, user: 'me:hunter2%2F@' })
  assert.equal(told(await send()), 'status')
  assert.equal(told(await send()), 'status')
  assert.equal(collector.received().length, 2)
  const [{ method, target, headers } = { method: '', target: '', headers: {} }] = proxy.requests
  assert.deepEqual([method, target], ['POST', `http://collector.test:${port}/entries?key=hunter3`])
  assert.equal(headers.host, `collector.test:${port}`)
  assert.equal(headers['proxy-authorization'], BASIC)
})

test('a destination that is exempt, or of the other scheme, is asked itself', async (t) => {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const proxy = await ProxyServer.start(t)
  const address = `http://127.0.0.1:${proxy.port}`
  const url = collector.url.replace('127.0.0.1', 'localhost')
  for (const env of [{ HTTP_PROXY: address }, { HTTPS_PROXY: address }, { http_proxy: address, no_proxy: '*' }]) {
    const transport = new HttpTransport({ ...httpOptions(url, ''), env }, systemClock)
    t.after(() => transport.close())
    assert.equal(told(await transport.send(request, never)), 'status')
    assert.doesNotMatch(transport.name, /proxy/)
  }
  assert.equal(proxy.requests.length, 0)
})

test('capital letters come first, and an empty variable is none', async (t) => {
  const proxy = await ProxyServer.start(t)
  const named = (env: Readonly<Record<string, string>>) =>
    new HttpTransport({ ...httpOptions('https://a.example/', ''), env }, systemClock).name
  const address = `127.0.0.1:${proxy.port}`
  assert.match(named({ HTTPS_PROXY: address, https_proxy: 'http://b.example' }), new RegExp(`proxy http://${address}$`))
  assert.match(named({ HTTPS_PROXY: '', https_proxy: 'https://b.example' }), /proxy https:\/\/b\.example$/)
  assert.equal(named({ HTTPS_PROXY: ' ' }), 'https://a.example/')
  assert.equal(named({ HTTPS_PROXY: address, NO_PROXY: '10.0.0.0/8,.example' }), 'https://a.example/')
})

for (const value of ['socks5://me:hunter2@a.example', 'http://', 'http://me:hunter2@', 'http://%hunter2@a.example']) {
  test(`HTTPS_PROXY=${value} is refused at the start, without its value`, () => {
    const options = { ...httpOptions('https://a.example/', ''), env: { HTTPS_PROXY: value } }
    assert.throws(
      () => new HttpTransport(options, systemClock),
      (error) => systemCode(error) === 'PROXY_INVALID' && !String((error as Error).message).includes('hunter2'),
    )
  })
}

for (const status of [403, 407, 502, 503]) {
  test(`${status} from the proxy is said to be the proxy's, without the credentials`, async (t) => {
    const { proxy, send } = await setUp(t, { user: 'me:hunter2@' })
    proxy.refuse = () => status
    assert.equal(
      told(await send()),
      `PROXY_${status}: the proxy http://127.0.0.1:${proxy.port} does not connect, and says ${status} Not Here`,
    )
  })
}

test('a proxy that is not there is told from a destination that is not there', async (t) => {
  for (const isPlain of [true, false]) {
    const { proxy, send } = await setUp(t, { isPlain })
    await proxy.down()
    assert.match(
      told(await send()),
      /^PROXY_UNREACHABLE: the proxy http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*REFUSED/,
    )
  }
  const { collector, send } = await setUp(t)
  await collector.stop()
  assert.match(told(await send()), /^(?:ECONNRESET|PROXY_UNREACHABLE|HTTP_CUT): /)
})

test('the certificate is that of the destination, and its fault is not the proxy’s', async (t) => {
  const { send } = await setUp(t, { tls: httpOptions('', '').tls })
  assert.match(told(await send()), /^(?:UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/)
})

test('a client certificate that is none is a fault of the request, and leaves no connection', async (t) => {
  const certFile = material('server.key').pathname
  const { proxy, send } = await setUp(t, { tls: { ...httpOptions('', '').tls, caFile, certFile } })
  assert.match(told(await send()), /^ERR_OSSL_PEM_/)
  await waitUntil('no connection is left', () => proxy.connections === 0)
})

test('a refusal of a proxy that repeats its credentials does not show them', async (t) => {
  const { proxy, send } = await setUp(t, { isPlain: true, user: 'me:hunter2%2F@' })
  proxy.refuse = () => 407
  proxy.words = (request) => `no: ${request.headers['proxy-authorization']}, me:hunter2/`
  const answer = await send()
  assert.equal(answer.kind === 'status' && Buffer.from(answer.body).toString(), 'no: Basic ***, ***')
})

describe('what gives no answer', { concurrency: true }, () => {
  for (const how of ['hang', 'silent'] as const) {
    const what = how === 'hang' ? 'A proxy that does not answer' : 'A destination that is silent behind its proxy'
    test(`${what} is given up in time, and leaves no connection`, async (t) => {
      const { proxy, send } = await setUp(t, { timeout: 300 })
      proxy.refuse = () => how
      for (const _ of [1, 2]) {
        const answer = await send()
        assert.equal(answer.kind === 'fault' && answer.isTimeout, true)
      }
      await waitUntil('no connection is left', () => proxy.connections === 0)
      proxy.refuse = () => undefined
      await waitUntil('an answer in time', async () => told(await send()) === 'status')
    })
  }
})

test('closing ends a connection that the proxy is still making', async (t) => {
  const { proxy, transport } = await setUp(t)
  proxy.refuse = () => 'hang'
  const closing = new AbortController()
  const sent = transport.send(request, closing.signal)
  await waitUntil('the proxy is asked', () => proxy.requests.length === 1)
  closing.abort()
  await assert.rejects(sent, { name: 'AbortError' })
  await transport.close()
  await waitUntil('no connection is left', () => proxy.connections === 0)
})
