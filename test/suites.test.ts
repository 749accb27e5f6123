import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { testFilesOf } from './suites/import-tests.ts'
import { suites } from './suites/suites.ts'

test('each file of tests is in one suite, and each suite has a file that starts it', () => {
  const files = Object.values(suites).flatMap(testFilesOf)
  assert.deepEqual(files.toSorted(), globSync('**/*.test.ts', { cwd: import.meta.dirname }).toSorted())
  const started = globSync('*.suite.ts', { cwd: join(import.meta.dirname, 'suites') })
  assert.deepEqual(
    started.toSorted(),
    Object.keys(suites)
      .map((name) => `${name}.suite.ts`)
      .toSorted(),
  )
})
