import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from '../../src/kube/api-error.ts'
import { linesOf } from '../../src/kube/lines.ts'
import { type WatchEvent, watchEvents } from '../../src/kube/watch.ts'

async function* stream(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}

test('lines are the same wherever their bytes are cut', async () => {
  const text = fc.array(fc.oneof(fc.constant('\n'), fc.string({ unit: 'grapheme' }))).map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (text, sizes) => {
      const bytes = Buffer.from(text)
      const chunks: Uint8Array[] = []
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1
        chunks.push(bytes.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(await collect(linesOf(stream(...chunks))), bytes.toString().split('\n').slice(0, -1))
    }),
  )
})

test('a line without an end is refused before it fills the memory', async () => {
  async function* endless() {
    for (;;) yield new Uint8Array(1024 * 1024)
  }
  await assert.rejects(collect(linesOf(endless())), { code: 'KUBE_PARSE' })
})

describe('watchEvents', () => {
  const event = (type: string, resourceVersion = '7') =>
    `${JSON.stringify({ type, object: { metadata: { resourceVersion } } })}\n`

  test('tells what each kind of event is', async () => {
    const events = await collect(
      watchEvents(stream(event('ADDED', '1'), event('MODIFIED', '2'), event('DELETED', '3'), event('BOOKMARK', '4'))),
    )
    assert.deepEqual(
      events.map(({ kind, resourceVersion }: WatchEvent) => `${kind} ${resourceVersion}`),
      ['upsert 1', 'upsert 2', 'delete 3', 'bookmark 4'],
    )
  })

  test('throws what an ERROR event says', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (1071)' }
    const source = stream(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
    await assert.rejects(collect(watchEvents(source)), (error) => error instanceof ApiError && error.isExpired)
    await assert.rejects(
      collect(watchEvents(stream('{"type":"ERROR"}\n'))),
      (error) => error instanceof ApiError && error.status.code === 500,
    )
  })

  for (const nonsense of [
    '{',
    'null',
    '7',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":{"metadata":{"resourceVersion":7}}}',
    event('SURPRISE').trim(),
  ]) {
    test(`throws at ${nonsense}, after the events before it`, async () => {
      const seen: WatchEvent[] = []
      const read = async () => {
        for await (const one of watchEvents(stream(event('ADDED'), `${nonsense}\n`))) seen.push(one)
      }
      await assert.rejects(read, { code: 'KUBE_PARSE' })
      assert.equal(seen.length, 1)
    })
  }
})
