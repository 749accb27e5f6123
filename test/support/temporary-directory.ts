import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const made: string[] = []

function remove(directory: string): void {
  // A process that is ending may still create a file there.
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

// Hooks run in the order in which they were set, so what a test closes later than its directory may write there once more.
process.on('exit', () => made.forEach(remove))

/** A new directory that is removed when the test is over. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'loggy-test-'))
  made.push(directory)
  t.after(() => remove(directory))
  return directory
}
