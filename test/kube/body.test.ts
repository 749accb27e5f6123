import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { ApiError } from '../../src/kube/api-error.ts'
import { KubeClient } from '../../src/kube/client.ts'
import { readList } from '../../src/kube/list.ts'
import { watchEvents } from '../../src/kube/watch.ts'
import { describeError, LoggyError } from '../../src/lib/errors.ts'
import { kubeconfigFor } from '../../src/simulation/api-kubeconfig.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { ManualClock } from './support.ts'

const never = new AbortController().signal

/** A client of a server that answers so. */
async function clientOf(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const file = join(temporaryDirectory(t), 'config')
  writeFileSync(file, kubeconfigFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  return new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock: new ManualClock(), env: {} })
}

const list = JSON.stringify({
  kind: 'PodList',
  metadata: { resourceVersion: '7' },
  items: Array.from({ length: 2000 }, (_, index) => ({ metadata: { name: `pod-${index}` } })),
})
const event = (version: number) =>
  `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ä', resourceVersion: `${version}` } } })}\n`

/** Brotli's best, which is usual, takes 0.2 s for the list. */
const quickly = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }
const codings: [string, (text: string) => Buffer, () => zlib.Gzip | zlib.BrotliCompress | zlib.ZstdCompress][] = [
  ['gzip', zlib.gzipSync, zlib.createGzip],
  ['GZIP', zlib.gzipSync, zlib.createGzip],
  ['deflate', zlib.deflateSync, zlib.createDeflate],
  ['br', (text) => zlib.brotliCompressSync(text, quickly), zlib.createBrotliCompress],
  ['zstd', zlib.zstdCompressSync, zlib.createZstdCompress],
]
for (const [coding, compress, createCompressor] of codings) {
  describe(`an answer that comes as ${coding} though nobody asked for it`, () => {
    test('is read as a list', async (t) => {
      const client = await clientOf(t, ({ headers }, response) => {
        assert.equal(headers['accept-encoding'], undefined)
        response.writeHead(200, { 'content-encoding': coding }).end(compress(list))
      })
      const { body } = await client.get('/api/v1/pods', {}, never)
      const { items, resourceVersion } = await readList(body, (object) => object)
      assert.deepEqual([items.length, resourceVersion], [2000, '7'])
    })

    test('is read as a watch, each event as soon as it is sent', async (t) => {
      const compressor = createCompressor()
      const client = await clientOf(t, (_, response) => {
        response.writeHead(200, { 'content-encoding': coding })
        compressor.pipe(response)
        compressor.write(event(1))
        compressor.flush()
      })
      const { body } = await client.get('/api/v1/pods', { watch: '1' }, never)
      const events = watchEvents(body)
      assert.equal((await events.next()).value?.resourceVersion, '1')
      compressor.write(event(2))
      compressor.flush()
      assert.equal((await events.next()).value?.resourceVersion, '2')
      compressor.end()
      assert.equal((await events.next()).done, true)
    })

    test('is read as an error', async (t) => {
      const status = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'not you' })
      const client = await clientOf(t, (_, response) => {
        response.writeHead(403, { 'content-encoding': coding }).end(compress(status))
      })
      const refused = client.get('/api/v1/pods', {}, never)
      await assert.rejects(refused, (error) => error instanceof ApiError && error.status.message === 'not you')
    })

    test('is nonsense, not a cut connection, when it is something else', async (t) => {
      const client = await clientOf(t, (_, response) => {
        response.writeHead(200, { 'content-encoding': coding }).end(event(1).repeat(20))
      })
      const { body } = await client.get('/api/v1/pods', { watch: '1' }, never)
      await assert.rejects(
        watchEvents(body).next(),
        (error) => error instanceof LoggyError && error.code === 'KUBE_PARSE',
      )
    })

    test('throws what the connection throws when it is cut', async (t) => {
      const client = await clientOf(t, (_, response) => {
        response
          .writeHead(200, { 'content-encoding': coding })
          .write(compress(list).subarray(0, 40), () => response.destroy())
      })
      const { body } = await client.get('/api/v1/pods', {}, never)
      const reading = readList(body, (object) => object)
      await assert.rejects(
        reading,
        (error) => !(error instanceof LoggyError) && /aborted|hang up/.test(describeError(error)),
      )
    })
  })
}

test('codings that were applied one after the other are undone in turn', async (t) => {
  const client = await clientOf(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'deflate, gzip' }).end(zlib.gzipSync(zlib.deflateSync(list)))
  })
  const { body } = await client.get('/api/v1/pods', {}, never)
  assert.equal((await readList(body, (object) => object)).items.length, 2000)
})

test('an unknown coding is named', async (t) => {
  const client = await clientOf(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'sdch' }).end(list)
  })
  const { body } = await client.get('/api/v1/pods', {}, never)
  await assert.rejects(
    readList(body, (object) => object),
    { code: 'KUBE_PARSE', message: 'the API server sent an answer in the unknown coding sdch' },
  )
})
