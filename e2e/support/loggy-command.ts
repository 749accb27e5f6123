import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from './until.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

/** How a command ended, and what it wrote to its two outputs. */
export interface Ended {
  readonly code: number | null
  readonly shown: string
  readonly told: string
}

/** A command of this checkout's Loggy, run on this machine as a person runs it. */
export class LoggyCommand {
  /** What has arrived of its two outputs. */
  shown = ''
  told = ''
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>

  /** The kubeconfig is all that it has of this machine's environment. */
  constructor(argv: readonly string[], kubeconfig: string) {
    const child = spawn(process.execPath, [main, ...argv], {
      env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.setEncoding('utf8').on('data', (text) => (this.shown += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (this.told += text))
    this.#child = child
    this.#closed = once(child, 'close')
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Resolves when the condition holds; rejects, with what it wrote, when it does not in time. */
  async until(what: string, isMet: (command: this) => boolean): Promise<void> {
    await until(what, async () => isMet(this), 60_000).catch((cause) => {
      throw new Error(`wrote ${JSON.stringify([this.shown, this.told])}`, { cause })
    })
  }

  /** When it has ended. */
  async result(): Promise<Ended> {
    await this.#closed
    return { code: this.#child.exitCode, shown: this.shown, told: this.told }
  }
}
