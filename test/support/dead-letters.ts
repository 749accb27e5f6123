import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The dead letters of the agent of a test's node. */
export function deadLettersOf(root: string) {
  const path = join(root, 'state', 'dead-letter.ndjson')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}
