import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as net from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Format, Transport } from '../../src/model/sink.ts'
import { unlimited } from '../../src/model/sink.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { AckedDelivery, batchOf, batchOfLines, textOf } from './acked-delivery.ts'

// A destination as CONTRIBUTING.md has it: a format and a transport, and nothing else. Requests are length-prefixed over TCP, an answer is one byte
// for each entry: `+` taken, `-` never to be taken, `?` not now.

const toyFormat: Format = {
  compile: () => ({ ops: [], head: new Uint8Array(0) }),
  contentType: '',
  limits: { ...unlimited, requestEntries: 10 },
  answerBytes: 10,
  frame: (groups) => {
    const pieces = groups.flatMap((group) => group.pieces)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(pieces.reduce((sum, piece) => sum + piece.length, 0))
    return [length, ...pieces]
  },
  read: ({ body }) => {
    const marks = [...Buffer.from(body).toString()].entries()
    const receipts = [...marks].flatMap(([place, mark]) => {
      if (mark === '+') return []
      return [{ place, kind: mark === '-' ? 'rejected' : 'retry', status: mark, reason: `it said ${mark}` } as const]
    })
    return { kind: 'receipts', receipts, afterMs: 0 }
  },
  record: (entry) => entry.subarray(0, -1),
}

function toyTransport(port: number): Transport {
  return {
    name: 'toy',
    maxInFlight: 1,
    slots: 1,
    batchBytes: 1 << 20,
    send: async (request) => {
      const socket = net.connect(port, '127.0.0.1')
      try {
        socket.write(request.body)
        const [marks] = await once(socket, 'data')
        return { kind: 'status', status: 200, headers: {}, body: Buffer.from(String(marks)) }
      } catch (error) {
        return { kind: 'fault', error, isTimeout: false }
      } finally {
        socket.destroy()
      }
    },
    close: async () => {},
  }
}

/** Marks each line of a request. */
async function toyServer(t: TestContext, markOf: (line: string) => string) {
  const requests: string[][] = []
  const server = net.createServer((socket) => {
    let bytes = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, Buffer.from(part)])
      if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE()) return
      const lines = bytes.subarray(4).toString().trimEnd().split('\n')
      requests.push(lines)
      socket.write(lines.map(markOf).join(''))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as net.AddressInfo).port, requests }
}

test('a new destination is a format and a transport: slots, splitting, retries and dead letters are there', async (t) => {
  const taken: string[] = []
  let isBusy = true
  const { port, requests } = await toyServer(t, (line) => {
    if (line.includes('"n":13,')) return '-'
    if (isBusy && line.includes('"n":17,')) return '?'
    taken.push(line)
    return '+'
  })
  const deadLetter = { path: `${temporaryDirectory(t)}/letters`, maxBytes: 1 << 20 }
  const fixed = { name: 'toy', format: toyFormat, compression: 'none', retryFor: 0, deadLetter } as const
  const delivery = new AckedDelivery(
    { ...fixed, transport: toyTransport(port) },
    { clock: hastyClock(), log: recordedLog() },
  )
  t.after(() => delivery.close())
  const buried: number[] = []
  const lines = textOf(batchOf(0, 25)).trimEnd().split('\n')
  const write = delivery.write(batchOfLines(lines, { bury: (places) => buried.push(...places) }))
  while (requests.length < 5) await new Promise((resolve) => setImmediate(resolve))
  isBusy = false
  await write
  assert.deepEqual(taken.sort(), lines.filter((line) => !line.includes('"n":13,')).sort())
  assert.deepEqual(buried, [13])
  assert.ok(requests.every((entries) => entries.length <= 10))
  const again = requests.slice(2, -1).map((entries) => entries.length)
  assert.ok(
    again.every((count) => count === 1),
    'only what was refused for now is sent again',
  )
})
