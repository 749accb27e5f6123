import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { isPipelined, listen } from '../../src/lib/listen.ts'
import { freePort } from '../../src/simulation/free-port.ts'
import { waitUntil } from '../support/wait-until.ts'

async function serve(t: TestContext, mostConnections = 10) {
  const port = await freePort()
  const ended = new AbortController()
  const [faults, asked]: [unknown[], string[]] = [[], []]
  const server = createServer(({ url = '', socket }, response) => {
    if (isPipelined(response)) return socket.destroy()
    asked.push(url)
    if (url === '/slow') return response.writeHead(200).write('…')
    return response.end('ok')
  })
  const onFault = (error: unknown) => faults.push(error)
  const options = { port, host: '127.0.0.1', mostConnections, clock: systemClock, onFault }
  const serving = listen(server, ended.signal, options)
  t.after(() => {
    ended.abort()
    return serving
  })
  await once(server, 'listening')
  await new Promise((resolve) => setImmediate(resolve))
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket.resume()
  }
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/`)).text()
  return { server, faults, asked, open, ask }
}

test('a connection that cannot be taken is told of, and the next one is answered', async (t) => {
  const { server, faults, ask } = await serve(t)
  server.emit('error', new Error('accept EPERM'))
  assert.equal(faults.length, 1)
  assert.equal(await ask(), 'ok')
})

test('connections that are held and say nothing keep nobody out: the oldest is cut', async (t) => {
  const { ask, open } = await serve(t, 5)
  const held: Socket[] = []
  for (let count = 0; count < 8; count += 1) held.push(await open())
  assert.equal(await ask(), 'ok')
  await waitUntil('the oldest are cut', () => held.slice(0, 3).every(({ closed }) => closed))
  assert.equal(held.at(-1)?.closed, false)
})

test('requests that do not wait for their answers are not worked on', async (t) => {
  const { asked, open } = await serve(t)
  const socket = await open()
  socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500))
  await waitUntil('it is cut', () => socket.closed)
  assert.deepEqual(asked, ['/slow'])
})
