import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noStrictParser, parseStrictly } from '../support/strict-parser.ts'
import { Differential } from './differential.ts'

describe('of any lines, hostile ones above all', () => {
  const entries: string[] = []

  test('the kernel makes the entries of its oracle for any bytes, chunks and batches, and touches nothing around them', () => {
    new Differential().play(2026, 100_000, (ofRound) => entries.push(ofRound))
    assert.equal(entries.length, 500)
  })

  test('a strict parser of another language takes each entry', { skip: noStrictParser }, () => {
    const count = entries.join('').split('\n').length - 1
    assert.ok(count > 50_000, `${count} entries`)
    assert.equal(parseStrictly(entries), count)
  })
})

test('the strict parser refuses half a surrogate pair, and what is no JSON', { skip: noStrictParser }, () => {
  assert.equal(parseStrictly(['{"log":"\\ud83d\\ude00"}\n', '{"log":"é"}\n']), 2)
  for (const entry of ['{"log":"x\\ud83dy"}\n', '{"json":{"\\ude00":1}}\n', '{"json":{"n":NaN}}\n', '{"log":"x\ty"}\n'])
    assert.throws(() => parseStrictly([entry]), /refused an entry: line 1/)
})
