import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { type TestContext, test } from 'node:test'
import { readRefusal } from '../../src/kube/refusal.ts'

/** What a server that answers so over real HTTP is read to say. */
async function refusalOf(t: TestContext, headers: OutgoingHttpHeaders, body = '') {
  const server = createServer((_, response) => response.writeHead(503, headers).end(body)).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const [response]: IncomingMessage[] = await once(get({ port: address.port, agent: false }), 'response')
  assert.ok(response !== undefined)
  return await readRefusal(response)
}

const date = 'Sun, 22 Nov 2026 07:00:00 GMT'
const busy = (retryAfterSeconds: number) => JSON.stringify({ kind: 'Status', details: { retryAfterSeconds } })

const waits: readonly [name: string, headers: OutgoingHttpHeaders, body: string, retryAfterMs: number | undefined][] = [
  ['seconds', { 'retry-after': '7' }, '', 7000],
  ['a date, by the clock of who sent it', { date, 'retry-after': 'Sun, 22 Nov 2026 07:00:30 GMT' }, '', 30_000],
  ['no more than five minutes', { 'retry-after': '3600' }, '', 300_000],
  ['seconds in the Status', {}, busy(2), 2000],
  ['no more than five minutes in the Status either', {}, busy(3600), 300_000],
  ['the header before the Status', { 'retry-after': '7' }, busy(2), 7000],
  ['the Status where the header is unreadable', { 'retry-after': 'soon' }, busy(2), 2000],
  ['nothing', {}, '', undefined],
]

for (const [name, headers, body, retryAfterMs] of waits) {
  test(`the wait that a refusal asks for: ${name}`, async (t) => {
    assert.equal((await refusalOf(t, headers, body)).status.retryAfterMs, retryAfterMs)
  })
}
