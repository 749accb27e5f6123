import { globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { suites } from './suites.ts'

const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

/** The files that patterns of a suite name, below `test/`. */
export function testFilesOf(patterns: readonly string[]): string[] {
  return globSync(
    patterns.map((pattern) => `${pattern}.test.ts`),
    { cwd: root },
  ).sort()
}

/**
 * Declares the tests of the suite that is named as the file is, in this process, to run one after the other. A process for each file
 * costs 0.35 s of CPU, measured, more than most files need for their tests. All are declared before the first one runs, by `require`,
 * which waits for nothing: what is declared while a test runs would belong to that test.
 */
export function importSuite(path: string): void {
  const name = basename(path, '.suite.ts')
  const patterns = Object.entries(suites).find(([suite]) => suite === name)?.[1]
  if (patterns === undefined) throw new Error(`suites.ts has no suite of the name ${name}`)
  for (const file of testFilesOf(patterns)) require(join(root, file))
}
