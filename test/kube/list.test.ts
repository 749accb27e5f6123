import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readList } from '../../src/kube/list.ts'

async function* stream(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

/** The bytes in pieces of these sizes, over and over. */
function pieces(text: string, sizes: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text)
  const all: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1
    all.push(bytes.subarray(at, at + size))
    at += size
  }
  return all
}

const same = (object: unknown) => object

/** Text that looks like the boundary between two objects, escaped and not, is among it. */
const trap = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('},{"metadata":{', '\\"},{"metadata":{', '"items":['),
)
const object = fc.record({
  metadata: fc.record({ name: trap, annotations: fc.dictionary(trap, trap) }),
  spec: fc.record({ parts: fc.array(fc.record({ metadata: fc.record({ name: trap }) })) }),
})

test('a list gives its items wherever its bytes are cut and however they are written', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(object),
      sizes,
      fc.constantFrom(0, 2),
      fc.boolean(),
      async (items, sizes, indent, last) => {
        const metadata = { resourceVersion: '5' }
        const list = last ? { kind: 'PodList', items, metadata } : { kind: 'PodList', metadata, items }
        const text = `${JSON.stringify(list, undefined, indent)}\n`
        const read = await readList(stream(...pieces(text, sizes)), same)
        assert.deepEqual(read, { items: JSON.parse(JSON.stringify(items)), resourceVersion: '5' })
      },
    ),
  )
})

test('objects are trimmed as they arrive, and what is left out of them is not kept', async () => {
  const seen: string[] = []
  async function* body() {
    yield Buffer.from('{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a"}},{"metadata":{')
    seen.push('more')
    yield Buffer.from('"name":"b"}}]}\n')
  }
  const read = await readList(body(), (object) => {
    const { name } = (object as { metadata: { name: string } }).metadata
    seen.push(name)
    return name === 'a' ? undefined : name
  })
  assert.deepEqual(seen, ['a', 'more', 'b'])
  assert.deepEqual(read.items, ['b'])
})

test('an object larger than any piece is read whole', async () => {
  const large = { metadata: { name: 'large', annotations: { state: '{"a":"ü"},'.repeat(100_000) } } }
  const items = [{ metadata: { name: 'small' } }, large, { metadata: { name: 'last' } }]
  const text = JSON.stringify({ metadata: { resourceVersion: '5' }, items })
  assert.deepEqual((await readList(stream(...pieces(text, [65_536])), same)).items, items)
})

test('null counts as no items', async () => {
  const body = stream('{"metadata":{"resourceVersion":"5"},"items":null}')
  assert.deepEqual(await readList(body, same), { items: [], resourceVersion: '5' })
})

for (const text of [
  '',
  '{}',
  '[]',
  '{"metadata":{"resourceVersion":"5"},"items":{}}',
  '{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{}},{"metadata":{',
  '{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{]},{"metadata":{}}]}',
]) {
  test(`refuses ${JSON.stringify(text)}`, async () => {
    await assert.rejects(readList(stream(text), same), { code: 'KUBE_PARSE' })
  })
}
