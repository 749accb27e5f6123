import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AppendFile } from '../../src/lib/append-file.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

test('lines whose file is removed while they are written are in the new one', async (t) => {
  const path = join(temporaryDirectory(t), 'letters')
  const file = new AppendFile(path, { rotate: { maxBytes: 0, keep: 1 }, fsync: true })
  const appended = file.append(Buffer.from('one\n'))
  await Promise.resolve()
  await Promise.resolve()
  rmSync(path) // throws if it is not open by now
  await appended
  await file.append(Buffer.from('two\n'))
  file.close()
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n')
})
