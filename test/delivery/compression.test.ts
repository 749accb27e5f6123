import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { compressor } from '../../src/delivery/compression.ts'

const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync }

for (const compression of ['gzip', 'zstd'] as const) {
  // The last one does not shrink, and so becomes several pieces.
  const bodies = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(1 << 20, 'abc, '), randomBytes(3 << 20)]

  test(`each body is ${compression} by itself, one after the other`, async () => {
    const compress = compressor(compression)
    for (const body of [...bodies, ...bodies.toReversed()])
      assert.ok(unpack[compression](await compress(body)).equals(body))
  })

  test(`each body is ${compression} by itself, many at a time`, async () => {
    const compress = compressor(compression)
    const many = [...bodies, ...bodies, ...bodies]
    const compressed = await Promise.all(many.map((body) => compress(body)))
    for (const [index, body] of many.entries())
      assert.ok(unpack[compression](compressed[index] as Uint8Array).equals(body))
  })
}
