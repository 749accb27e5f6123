import { once } from 'node:events'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/** A request as a server has it. */
export interface Received {
  /** With the query. */
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  /** Unpacked. */
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Starts a server on loopback for posts of JSON, plain, in gzip or in zstd. Resolves with its URL. */
export async function receive(t: TestContext, reply: (received: Received) => Reply): Promise<string> {
  const server = http.createServer(async (request, response) => {
    const packed = Buffer.concat(await request.toArray())
    const body = unpacked(packed, request.headers['content-encoding'])
    const { status, body: text, headers } = reply({ path: request.url ?? '', headers: request.headers, body })
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function unpacked(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(body)
  return encoding === 'zstd' ? zstdDecompressSync(body) : body
}
