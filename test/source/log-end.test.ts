import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readLogEnd } from '../../src/source/log-end.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const files: readonly (readonly [what: string, file: string, mostBytes: number, text: string, offset: number])[] = [
  ['a short file', 'one\ntwo\n', 100, 'one\ntwo\n', 0],
  ['a line without its end', 'one\ntw', 100, 'one\n', 0],
  ['the end of a long file', 'one\ntwo\nthree\n', 8, 'three\n', 8],
  ['a line that is longer', 'one\ntwothree', 5, '', 12],
  ['an empty file', '', 100, '', 0],
]

for (const [what, file, mostBytes, text, offset] of files) {
  test(`reads whole lines: ${what}`, async (t) => {
    const path = join(temporaryDirectory(t), '0.log')
    writeFileSync(path, file)
    const end = await readLogEnd(path, mostBytes)
    assert.equal(end.bytes.toString(), text)
    if (text !== '') assert.equal(end.offset, offset)
  })
}

test('rejects for a file that is not there', async () => {
  await assert.rejects(readLogEnd('/nowhere/0.log', 100), /ENOENT/)
})
