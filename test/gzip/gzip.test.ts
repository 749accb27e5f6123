import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { Gzip } from '../../src/gzip/gzip.ts'
import { Random } from '../../src/simulation/random.ts'
import { json, plain } from '../bench/bodies.ts'

const PIECE = 512 * 1024
const gzip = new Gzip()

function assertComesBack(body: Uint8Array): void {
  const back = gunzipSync(gzip.compress(body))
  // Not deepEqual: its message would have megabytes.
  assert.ok(back.equals(body), `${body.length} bytes came back as ${back.length} others`)
}

function entries(count: number): Buffer {
  const random = new Random(7)
  const metadata = `"kubernetes":${json(random, 900)}}\n`
  return Buffer.from(Array.from({ length: count }, () => `{"log":"${plain(random, 150)}",${metadata}`).join(''))
}

test('bodies of all sizes around a piece come back', () => {
  for (const size of [0, 1, 3, 4, 15, 16, 17, PIECE - 1, PIECE, PIECE + 1, PIECE + 20, 2 * PIECE, 3_000_000]) {
    assertComesBack(entries(3000).subarray(0, size))
    assertComesBack(Buffer.alloc(size))
    assertComesBack(randomBytes(size))
  }
})

test('any mixture of repeats and noise comes back', () => {
  const word = fc.uint8Array({ minLength: 1, maxLength: 300 })
  const part = fc.record({ word: fc.nat(5), times: fc.nat(40), noise: fc.uint8Array({ maxLength: 40 }) })
  fc.assert(
    fc.property(fc.array(word, { minLength: 6, maxLength: 6 }), fc.array(part, { maxLength: 60 }), (words, parts) => {
      const pieces = parts.flatMap(({ word, times, noise }) => [...Array(times).fill(words[word]), noise])
      assertComesBack(Buffer.concat(pieces))
    }),
    { numRuns: 300 },
  )
})

test('any distribution of bytes comes back, however rare some are', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 0.9, noNaN: true }),
      fc.nat(),
      fc.integer({ min: 1, max: 60_000 }),
      (share, seed, length) => {
        const random = new Random(seed)
        const geometric = () => {
          let value = 0
          while (value < 255 && random.next() > share) value += 1
          return value
        }
        assertComesBack(Buffer.from(Array.from({ length }, geometric)))
      },
    ),
    { numRuns: 40 },
  )
})

test('a match of any length and distance comes back', () => {
  const start = randomBytes(300)
  const all = [...Array(800).keys(), 32_000, 65_530, 65_540, 70_000, 131_072]
  for (const length of all) assertComesBack(Buffer.concat([start, Buffer.alloc(length, 'x'), start]))
  for (const distance of [1, 2, 3, 4, 255, 256, 257, 4096, 32_767, 32_768, 32_769, 40_000]) {
    const apart = randomBytes(distance)
    assertComesBack(Buffer.concat([apart, apart, apart]))
  }
})

test('what does not shrink grows by less than a thousandth', () => {
  const body = randomBytes(2_000_000)
  assert.ok(gzip.compress(body).length < body.length * 1.001)
})

test('entries become as small as with zlib at its fastest level, within a tenth', () => {
  const body = entries(1000)
  const zlib = gzipSync(body, { level: 1 }).length
  assert.ok(gzip.compress(body).length < zlib * 1.1)
})

test('one body leaves nothing for the next', () => {
  const body = entries(700)
  const first = gzip.compress(body)
  assertComesBack(randomBytes(100_001))
  assert.deepEqual(gzip.compress(body), first)
})

test('matches of all lengths, one behind the other, come back', () => {
  const noise = randomBytes(70_000)
  const all = Array.from({ length: 3000 }, (_, index) => [
    noise.subarray(index, index + 250 + (index % 23)),
    randomBytes(5),
  ])
  assertComesBack(Buffer.concat(all.flat()))
  for (const length of [65_535, 65_536, 65_537, 65_794, 66_000]) {
    const short = Buffer.concat(Array.from({ length: 8200 }, () => [noise.subarray(0, 9), randomBytes(1)]).flat())
    assertComesBack(Buffer.concat([short, Buffer.alloc(length, 'ab'), short, Buffer.alloc(length, 'ab')]))
  }
})
