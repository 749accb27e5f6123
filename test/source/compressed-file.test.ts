import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { systemClock } from '../../src/lib/clock.ts'
import { CompressedFile } from '../../src/source/compressed-file.ts'
import { FINGERPRINT_BYTES, fingerprintOf, MOST_NULS } from '../../src/source/fingerprint.ts'
import type { Generation } from '../../src/source/generation.ts'
import { TailedFile } from '../../src/source/tailed-file.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const keyOf = (fingerprint: string) => `key/${fingerprint}`
const content = Buffer.from(
  Array.from({ length: 20_000 }, (_, index) => `${index} ${'x'.repeat(index % 90)}\n`).join(''),
)

function write(t: TestContext, bytes: Uint8Array, name = '0.log.20260101-000000.gz') {
  const path = join(temporaryDirectory(t), name)
  writeFileSync(path, bytes)
  return path
}

async function readAll(file: Generation, buffer = new Uint8Array(10_000)): Promise<Buffer> {
  const parts: Buffer[] = []
  for (;;) {
    const bytes = await file.read(buffer)
    if (bytes.length === 0) return Buffer.concat(parts)
    parts.push(Buffer.from(bytes))
    file.advance(bytes)
  }
}

test('has the bytes, and the key, of the plain file', async (t) => {
  const compressed = await CompressedFile.open(write(t, gzipSync(content)), { keyOf, clock: systemClock })
  const plain = await TailedFile.open(write(t, content, '0.log'), keyOf)
  t.after(() => Promise.all([compressed.close(), plain.close()]))
  assert.equal(compressed.key, plain.key)
  assert.equal(await compressed.unreadBytes(), content.length)
  assert.deepEqual(await readAll(compressed), content)
  assert.equal(await compressed.unreadBytes(), 0)
})

test('has the key of its first line, whatever NULs stand before it', async (t) => {
  const key = keyOf(fingerprintOf(content) ?? '')
  for (const [nuls, expected] of [
    [1, key],
    [FINGERPRINT_BYTES, key],
    [64 * 1024, key],
    [700_001, key],
    [MOST_NULS - 1, key],
    [MOST_NULS + 64 * 1024, undefined],
  ] as const) {
    const bytes = Buffer.concat([Buffer.alloc(nuls), content])
    const compressed = await CompressedFile.open(write(t, gzipSync(bytes, { level: 1 })), { keyOf, clock: systemClock })
    const plain = TailedFile.open(write(t, bytes, '0.log'), keyOf)
    t.after(() => Promise.all([compressed.close(), plain.close()]))
    assert.deepEqual([compressed.key, plain.key], [expected, expected], `${nuls} NULs`)
    const buffer = new Uint8Array(1 << 20)
    for (const file of [compressed, plain]) assert.ok((await readAll(file, buffer)).equals(bytes))
  }
})

test('long first lines of docker that differ only in the time at their end have different keys, plain or compressed', async (t) => {
  const line = (time: string) =>
    Buffer.from(`{"log":"${'\\u0000'.repeat(16_000)}","stream":"stdout","time":"${time}"}\n`)
  const keys = ['2026-11-30T07:00:00.1Z', '2026-11-30T07:00:00.2Z'].map(async (time) => {
    const bytes = Buffer.concat([Buffer.alloc(3000), line(time)])
    const compressed = await CompressedFile.open(write(t, gzipSync(bytes)), { keyOf, clock: systemClock })
    const plain = TailedFile.open(write(t, bytes, '0.log'), keyOf)
    t.after(() => Promise.all([compressed.close(), plain.close()]))
    assert.equal(compressed.key, plain.key)
    return plain.key
  })
  const [one, other] = await Promise.all(keys)
  assert.ok(one !== undefined && other !== undefined && one !== other)
})

test('resumes at any offset, and reads again what was not consumed', async (t) => {
  const path = write(t, gzipSync(content))
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length), fc.integer({ min: 1, max: 5000 }), async (offset, size) => {
      const file = await CompressedFile.open(path, { keyOf, clock: systemClock })
      file.offset = offset
      await file.read(new Uint8Array(size))
      const rest = await readAll(file, new Uint8Array(300_000))
      await file.close()
      assert.deepEqual(rest, content.subarray(offset))
    }),
    { numRuns: 20 },
  )
})

test('rejects while it is not whole, and reads on when it is', async (t) => {
  const whole = gzipSync(content)
  const path = write(t, whole.subarray(0, whole.length - 100))
  const file = await CompressedFile.open(path, { keyOf, clock: systemClock })
  t.after(() => file.close())
  await assert.rejects(readAll(file), { code: 'Z_BUF_ERROR' })
  const read = file.offset
  writeFileSync(path, whole)
  assert.deepEqual(await readAll(file), content.subarray(read))
})

test('is damaged when it is unreadable in the middle, and can be asked again', async (t) => {
  const bytes = gzipSync(Buffer.concat([content, content, content]), { level: 0 })
  bytes.fill(0xff, 200_000, 300_000)
  const path = write(t, bytes)
  utimesSync(path, 1, 1)
  const file = await CompressedFile.open(path, { keyOf, clock: systemClock })
  t.after(() => file.close())
  for (const _ of ['at first', 'and again']) await assert.rejects(readAll(file), { code: 'DAMAGED_FILE' })
})

test('is damaged when it stays unreadable', async (t) => {
  const path = write(t, gzipSync(content).fill(0x58, 200, 300))
  const old = new Date(Date.now() - 60_000)
  utimesSync(path, old, old)
  const read = async () => readAll(await CompressedFile.open(path, { keyOf, clock: systemClock }))
  await assert.rejects(read, { code: 'DAMAGED_FILE' })
})
