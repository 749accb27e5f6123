import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import * as net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { SinkError } from '../../src/lib/sink-error.ts'
import { post } from '../../src/transports/post.ts'

/** A server that answers with these bytes as soon as it has the head of a request; `then` goes on with the connection. */
async function rawServer(t: TestContext, answer: string, then: (socket: net.Socket) => void = () => {}): Promise<URL> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let head = ''
    socket.on('data', (bytes) => {
      const isHead = !head.includes('\r\n\r\n')
      head += bytes.toString('latin1')
      if (isHead && head.includes('\r\n\r\n')) socket.write(answer, 'latin1', () => then(socket))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`)
}

const never = new AbortController().signal

const send = (url: URL, { answerBytes = 0, timeoutMs = 10_000, body = 'x'.repeat(100) } = {}) => {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(new SinkError('HTTP_TIMEOUT', 'too late')), timeoutMs)
  const request = { body: Buffer.from(body), answerBytes, options: { agent: false } as const, clock: systemClock }
  return post(url, { ...request, signal: over.signal }).finally(() => clearTimeout(timer))
}

const trickle = (text: string, everyMs: number) => (socket: net.Socket) => {
  const timer = setInterval(() => socket.write(text), everyMs)
  socket.on('close', () => clearInterval(timer))
}
const flood = (socket: net.Socket) => {
  const bytes = Buffer.alloc(1 << 16, 'y')
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.on('drain', more)
  more()
}
const end = (socket: net.Socket) => socket.end()

const decided: readonly [what: string, answer: string, then?: (socket: net.Socket) => void][] = [
  ['a 204 with a body', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello'],
  ['a 204 with a body behind it', 'HTTP/1.1 204 No Content\r\n\r\nhello'],
  ['a 200 that is longer than it says', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more'],
  ['a chunked 200 that never ends', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', trickle('1\r\n.\r\n', 50)],
  ['a chunked 200 whose chunks are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'],
  ['a 200 with a body of 100 MB', 'HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n', flood],
  ['a 200 that is over when the connection is', 'HTTP/1.1 200 OK\r\n\r\nwell', end],
]

const cut: readonly [what: string, answer: string, then?: (socket: net.Socket) => void][] = [
  ['a 200 that is shorter than it says', 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nok', end],
  ['a chunked 200 without its end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n', end],
  ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le', end],
  ['no answer', '', end],
  ['nonsense', 'SMTP 220 hello\r\n\r\n'],
]

// Most of them wait for what does not come.
describe('what a server sends back', { concurrency: true }, () => {
  for (const [what, answer, then] of decided) {
    test(`${what} is as good as a whole answer where nothing of its body is needed`, async (t) => {
      const reply = await send(await rawServer(t, answer, then))
      assert.equal(reply.kind === 'status' && reply.status, Number(answer.slice(9, 12)))
    })
  }

  for (const answerBytes of [0, 1000]) {
    for (const [what, answer, then] of cut) {
      test(`${what} is no answer, ${answerBytes} bytes of it needed`, async (t) => {
        const reply = await send(await rawServer(t, answer, then), { answerBytes })
        assert.equal(reply.kind, 'fault')
      })
    }
  }

  test('where the body is needed, one that breaks the rules, is too long or does not end is no answer', async (t) => {
    const needed = { answerBytes: 1000, timeoutMs: 300 }
    for (const [what, answer, then] of decided.slice(2, 6)) {
      const reply = await send(await rawServer(t, answer, then), needed)
      const isFault = reply.kind === 'fault' || what.includes('longer than it says')
      assert.ok(isFault, `${what}: ${reply.kind}`)
    }
  })

  test('headers that trickle are waited for no longer than the request may take', async (t) => {
    const url = await rawServer(t, 'HTTP/1.1 200 OK\r\n', trickle('x-a: b\r\n', 20))
    const reply = await send(url, { timeoutMs: 300 })
    assert.equal(reply.kind === 'fault' && reply.isTimeout, true)
  })

  test('a 200 that comes while the request is still being sent is no answer if the connection ends then', async (t) => {
    const url = await rawServer(t, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', (socket) => socket.destroy())
    const reply = await send(url, { body: 'x'.repeat(50_000_000) })
    assert.equal(reply.kind, 'fault')
  })

  test('the beginning of a refusal is kept for people, and the rest is not waited for', async (t) => {
    const url = await rawServer(t, 'HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\nno such field')
    const reply = await send(url)
    assert.equal(reply.kind === 'status' && Buffer.from(reply.body).toString(), 'no such field')
  })

  test('the rest of an earlier answer on a connection that is used again says nothing of the request', async (t) => {
    const url = await rawServer(t, 'HTTP/1.1 204 No Content\r\n\r\n', (socket) => {
      // The second request comes before the body of the first answer.
      socket.once('data', () => socket.write('hello'))
    })
    const agent = new Agent({ keepAlive: true })
    t.after(() => agent.destroy())
    const request = { body: Buffer.from('x'), answerBytes: 0, options: { agent }, clock: systemClock, signal: never }
    const kinds = [(await post(url, request)).kind, (await post(url, request)).kind]
    assert.deepEqual(kinds, ['status', 'stale'])
  })
})
