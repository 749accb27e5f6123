import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpora } from './corpora.ts'
import { logBlock } from './log-block.ts'

for (const [name, { runtime, writing }] of Object.entries(corpora)) {
  test(`${name}: a seed gives the same whole lines each time, and their count`, () => {
    const options = { runtime, seed: 7, byteCount: 300_000 }
    const block = logBlock(writing, options)
    const records = block.bytes.toString().split('\n').slice(0, -1)
    const ends = runtime === 'docker' ? /\\n","stream/ : /^\S+Z std(?:out|err) F /
    assert.deepEqual(logBlock(writing, options), block)
    assert.ok(block.bytes.length >= options.byteCount)
    assert.equal(records.length, block.lines)
    assert.equal(records.filter((record) => ends.test(record)).length, block.entries)
  })
}
