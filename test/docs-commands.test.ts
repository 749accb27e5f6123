import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { parseExplainArguments } from '../src/ask/explain-options.ts'
import { parseTailArguments } from '../src/ask/tail-options.ts'
import { parseViewArguments } from '../src/view/options.ts'
import { commandLines, pages } from './support/pages.ts'

type Command = (argv: readonly string[], io: object) => Promise<number>

const lines = pages.flatMap(commandLines)

/** Commands whose parser also says whether the values are possible. */
const parsers: Readonly<Record<string, (argv: readonly string[]) => { readonly kind: string }>> = {
  explain: parseExplainArguments,
  tail: parseTailArguments,
  view: (argv) => parseViewArguments(argv, 0),
}

test('each command line in a page has a command and options that there are', async () => {
  assert.ok(lines.length > 20)
  for (const { page, command, argv } of lines) {
    const line = `${page}: loggy ${[command, ...argv].join(' ')}`
    const file = join(import.meta.dirname, `../src/commands/${command}.ts`)
    assert.ok(existsSync(file), line)
    const room: Readonly<Record<string, Command>> = await import(file)
    const run = room[command] ?? assert.fail(line)
    // With --help a command reads its options, refuses unknown ones, and does nothing.
    const told = new PassThrough()
    const { signal } = new AbortController()
    const code = await run([...argv, '--help'], { stdout: told, stderr: told, env: {}, signal, program: 'loggy' })
    assert.equal(code, 0, `${line}: ${told.read()}`)
  }
})

test('each command line in a page has values that its command takes', () => {
  for (const { page, command, argv } of lines) {
    // Words in capitals stand for what the reader has.
    const given = argv.map((word) => word.replace(/\b[A-Z]{3,}\b/g, (name) => name.toLowerCase()))
    const parser = argv.length === 0 ? undefined : parsers[command]
    if (parser) assert.equal(parser(given).kind, 'options', `${page}: loggy ${[command, ...given].join(' ')}`)
  }
})
