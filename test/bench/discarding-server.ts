import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { countLines } from '../../src/lib/count-lines.ts'

// A process of its own, so that what it costs is not counted: it takes everything, answers as the real servers do, and keeps nothing.

interface Reply {
  readonly status: number
  readonly type?: string
  readonly body?: string
}

/** By the end of the path; any other gets 204, as VictoriaLogs' native protocol and Loki have it. */
const REPLIES: Readonly<Record<string, Reply>> = {
  '/v1/logs': { status: 200, type: 'application/x-protobuf' },
  '/services/collector/event': { status: 200, type: 'application/json', body: '{"text":"Success","code":0}' },
  '/api/v2/logs': { status: 202, type: 'application/json', body: '{}' },
  '/ndjson': { status: 200 },
}

const sockets = new Set<Socket>()
let closedBytes = 0

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/_bulk') void answerBulk(request, response)
  else request.resume().once('end', () => answer(response, REPLIES[pathname] ?? { status: 204 }))
})

function answer(response: ServerResponse, { status, type, body = '' }: Reply): void {
  response.writeHead(status, type === undefined ? {} : { 'content-type': type })
  response.end(body)
}

/** A status for each item, as the agent asks for them. */
async function answerBulk(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent = Buffer.concat(await request.toArray())
  const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync }[String(request.headers['content-encoding'])]
  const items = Array(countLines(unpack?.(sent) ?? sent) / 2).fill('{"create":{"status":201}}')
  answer(response, { status: 200, type: 'application/json', body: `{"errors":false,"items":[${items.join(',')}]}` })
}

server.on('connection', (socket) => {
  sockets.add(socket)
  socket.once('close', () => {
    sockets.delete(socket)
    closedBytes += socket.bytesRead
  })
})
process.on('message', () => {
  process.send?.({ bytes: [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, closedBytes) })
})
process.once('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
