import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { runSuite } from '../../e2e/runner/run-suite.ts'

/** A folder of commands that record how they are called, and do nothing but what they are told. */
export class StubTools {
  readonly folder: string
  /** All that the runner said. */
  readonly said: string[] = []

  static async create(t: TestContext, tools: readonly string[]): Promise<StubTools> {
    const stubs = new StubTools(await mkdtemp(join(tmpdir(), 'loggy-e2e-')))
    t.after(() => rm(stubs.folder, { recursive: true }))
    await mkdir(join(stubs.folder, 'bin'))
    for (const tool of tools) await stubs.write(tool, '')
    return stubs
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  get #log(): string {
    return join(this.folder, 'calls')
  }

  /** Makes the tool run this in a shell, after it has recorded the call. */
  async write(tool: string, script: string): Promise<void> {
    const path = join(this.folder, 'bin', tool)
    await writeFile(path, `#!/bin/sh\necho "${tool} $*" >>"$CALLS"\n${script}\n`)
    await chmod(path, 0o755)
  }

  /** A scenario that passes or fails, and records of its environment what the runner is to set. */
  async scenario({ passes }: { passes: boolean }): Promise<string> {
    const path = join(this.folder, 'stub.test.mjs')
    const record = `Object.entries(process.env).filter(([key]) => /^(LOGGY_E2E_|KUBECONFIG)/.test(key))`
    const source = `import { appendFileSync } from 'node:fs'
import { test } from 'node:test'
test('stub', () => {
  appendFileSync(process.env.CALLS, 'suite\\n')
  appendFileSync(process.env.CALLS + '.env', JSON.stringify(Object.fromEntries(${record})))
  if (!${passes}) throw new Error('stub')
})
`
    await writeFile(path, source)
    return path
  }

  /** Runs the suite with no other tools than these and the system's own; resolves with its exit code. */
  async run(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
    return await runSuite([...argv, '--artifacts', join(this.folder, 'artifacts')], {
      env: { PATH: `${join(this.folder, 'bin')}:/usr/bin:/bin`, CALLS: this.#log, ...env },
      say: (text) => this.said.push(text),
      signal: new AbortController().signal,
      output: 'ignore',
    })
  }

  /** The calls so far, with this test's own paths left out. */
  async calls(): Promise<string[]> {
    const text = await readFile(this.#log, 'utf8').catch(() => '')
    return text.split('\n').filter((call) => call !== '')
  }

  async suiteEnvironment(): Promise<Record<string, string>> {
    return JSON.parse(await readFile(`${this.#log}.env`, 'utf8'))
  }
}
