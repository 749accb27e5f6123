import { spawnSync } from 'node:child_process'

const { LOGGY_REQUIRE_PYTHON } = process.env

/** Why a test with it is skipped, or false. */
export const noStrictParser =
  LOGGY_REQUIRE_PYTHON === undefined && spawnSync('python3', ['--version']).error !== undefined
    ? 'there is no python3, and LOGGY_REQUIRE_PYTHON is not set'
    : false

/**
 * Python's json takes halves of surrogate pairs, and names that are not in RFC 8259; what it made of a line must be text that UTF-8 can
 * write, which halves are not.
 */
const PROGRAM = `
import json, sys

def refuse(name):
    raise ValueError(name + ' is no JSON')

count = 0
for number, line in enumerate(sys.stdin.buffer, 1):
    try:
        entry = json.loads(line.decode('utf-8'), parse_constant=refuse)
        json.dumps(entry, ensure_ascii=False).encode('utf-8')
        if not isinstance(entry, dict):
            raise ValueError('no object')
    except ValueError as error:
        sys.exit('line %d: %s: %r' % (number, error, line[:2000]))
    count += 1
print(count)
`

/** How many entries Python's parser has taken. Throws at the first one that it refuses. */
export function parseStrictly(entries: readonly string[]): number {
  const input = entries.join('')
  const { error, status, stdout, stderr } = spawnSync('python3', ['-c', PROGRAM], { input, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`python3 refused an entry: ${stderr}`)
  return Number(stdout)
}
