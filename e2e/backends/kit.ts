import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The program that starts real servers: `up NAME` prints lines `export NAME=value`, `kill NAME` is SIGKILL, `dump NAME` prints what is stored, `status`, `reset NAME` and `down NAME`. */
export class Kit {
  readonly #program: string

  constructor(program: string) {
    this.#program = program
  }

  /** Resolves with its addresses when it works. `flags`: how it starts. */
  async up(name: string, flags = ''): Promise<Readonly<Record<string, string>>> {
    const env = { ...process.env, ...(flags !== '' && { LOGGY_SERVERS_FLAGS: flags }) }
    const { stdout } = await run(this.#program, ['up', name], { env })
    return Object.fromEntries([...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]))
  }

  async isUp(name: string): Promise<boolean> {
    const { stdout } = await run(this.#program, ['status'])
    return new RegExp(`^${name} +healthy`, 'm').test(stdout)
  }

  async kill(name: string): Promise<void> {
    await run(this.#program, ['kill', name])
  }

  /** Deletes what is stored. */
  async reset(name: string): Promise<void> {
    await run(this.#program, ['reset', name])
  }

  async down(name: string): Promise<void> {
    await run(this.#program, ['down', name])
  }

  /** Lines. Node's `readline` would end some at U+2028. */
  async *dump(name: string): AsyncGenerator<string> {
    const folder = await mkdtemp(join(tmpdir(), 'loggy-dump-'))
    try {
      // A file first: VictoriaLogs cuts an answer off that is not taken within 30 s.
      const path = join(folder, 'records')
      await this.#dumpTo(path, name)
      let rest = ''
      for await (const text of createReadStream(path, 'utf8')) {
        const lines = `${rest}${text}`.split('\n')
        rest = lines.pop() ?? ''
        yield* lines
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  async #dumpTo(path: string, name: string): Promise<void> {
    const file = await open(path, 'w')
    const child = spawn(this.#program, ['dump', name], { stdio: ['ignore', file.fd, 'inherit'] })
    const [code] = await once(child, 'close')
    await file.close()
    if (code !== 0) throw new Error(`dump ${name} ended with ${code}`)
  }
}
