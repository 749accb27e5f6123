import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { systemClock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { AgentStderr } from './agent-stderr.ts'

/** Milliseconds for the agent to write its last entries and end, before it is killed. */
const STOP_TIMEOUT_MS = 10_000

export interface AgentProcessOptions {
  /** The Node program, and the file to run with it. */
  readonly execPath: string
  readonly mainPath: string
  readonly configPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Called with each warning and error in the agent's own log, in one line. */
  readonly onTrouble: (trouble: string) => void
}

/** How an agent ended. */
export interface AgentEnd {
  /** Whether it ended normally, with exit code 0. */
  readonly isClean: boolean
  /** Exit code, signal, or why it could not be started. */
  readonly reason: string
  /** The last lines of its stderr. */
  readonly lastOutput: string
}

/** The real agent as a child process: `loggy run`. Its stdout must be read, otherwise back-pressure stops it. */
export class AgentProcess {
  /** Resolves when the process is gone, also if it could not be started. */
  readonly ended: Promise<AgentEnd>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>

  constructor(options: AgentProcessOptions) {
    const { execPath, mainPath, configPath, env, onTrouble } = options
    this.#child = spawn(execPath, [mainPath, 'run', '--config', configPath], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.ended = this.#watch(new AgentStderr(onTrouble))
  }

  get stdout(): Readable {
    return this.#child.stdout
  }

  /** Ends the process: first by SIGTERM, then by SIGKILL. Resolves when it is gone. May be called again. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const waiting = new AbortController()
    const killed = systemClock.sleep(STOP_TIMEOUT_MS, waiting.signal).then(() => {
      if (!waiting.signal.aborted) this.#child.kill('SIGKILL')
    })
    await this.ended
    waiting.abort()
    await killed
  }

  async #watch(stderr: AgentStderr): Promise<AgentEnd> {
    const [reason] = await Promise.all([exitReason(this.#child), stderr.read(this.#child.stderr)])
    return { isClean: reason === 'exit code 0', reason, lastOutput: stderr.lastLines.join('\n') }
  }
}

async function exitReason(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  try {
    const [code, signal] = await once(child, 'exit')
    return signal ?? `exit code ${code}`
  } catch (error) {
    return describeError(error)
  }
}
