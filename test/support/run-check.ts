import { Writable } from 'node:stream'
import { check } from '../../src/commands/check.ts'

/** `loggy check` in this process; resolves with its exit code and what it wrote. */
export async function runCheck(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const texts = { stdout: '', stderr: '' }
  const stderr = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      texts.stderr += text
      done()
    },
  })
  const code = await check(argv, {
    env: { NODE_NAME: 'node-1', ...env },
    stdout: { write: (text) => (texts.stdout += text) },
    stderr,
    signal: new AbortController().signal,
  })
  return { code, ...texts }
}
