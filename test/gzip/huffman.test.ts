import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Constant, instantiate } from '../../src/lib/wasm.ts'

const memory = new WebAssembly.Memory({ initial: 8, maximum: 8 })
const { makeCode, FREE } = instantiate(new URL('../../src/gzip/gzip.wasm', import.meta.url), memory) as {
  makeCode(frequencies: number, symbols: number, longest: number, codes: number): void
  readonly FREE: Constant
}

/** The length of each symbol's code; 0 where it does not occur. */
function lengthsOf(frequencies: readonly number[], longest: number): number[] {
  const words = new Uint32Array(memory.buffer, FREE.value, 2 * frequencies.length)
  words.set(frequencies)
  makeCode(FREE.value, frequencies.length, longest, FREE.value + 4 * frequencies.length)
  return [...words.subarray(frequencies.length)].map((code) => code >> 16)
}

/** 1 for a code in which each sequence of bits means something. */
function fill(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** -length), 0)
}

function bitsOf(frequencies: readonly number[], lengths: readonly number[]): number {
  return frequencies.reduce((sum, frequency, index) => sum + frequency * (lengths[index] as number), 0)
}

/** Huffman's own way: the two lightest trees become one, until there is one. The sum of all weights made is the number of bits. */
function leastBits(frequencies: readonly number[]): number {
  const trees = frequencies.filter((frequency) => frequency > 0)
  let bits = trees.length === 1 ? (trees[0] as number) : 0
  while (trees.length > 1) {
    trees.sort((a, b) => b - a)
    const both = (trees.pop() as number) + (trees.pop() as number)
    bits += both
    trees.push(both)
  }
  return bits
}

test('any code is complete, and none is shorter', () => {
  const frequencies = fc.array(fc.nat(1000), { minLength: 2, maxLength: 286 })
  fc.assert(
    fc.property(frequencies, (all) => {
      const lengths = lengthsOf(all, 15)
      const used = all.filter((frequency) => frequency > 0).length
      assert.equal(fill(lengths), used === 0 ? 0 : used === 1 ? 0.5 : 1)
      assert.deepEqual(
        all.map((frequency) => frequency > 0),
        lengths.map((length) => length > 0),
      )
      assert.equal(bitsOf(all, lengths), leastBits(all))
    }),
  )
})

test('a code is complete where its longest words would be too long', () => {
  const fibonacci = [1, 1]
  while (fibonacci.length < 28) fibonacci.push((fibonacci.at(-1) as number) + (fibonacci.at(-2) as number))
  for (const [longest, symbols] of [
    [15, 28],
    [7, 19],
    [7, 12],
  ] as const) {
    const lengths = lengthsOf(fibonacci.slice(0, symbols), longest)
    assert.equal(Math.max(...lengths), longest)
    assert.equal(fill(lengths), 1)
  }
})
