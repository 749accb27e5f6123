import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { waitUntil } from './wait-until.ts'

/** One line of the agent's own log. */
export interface AgentLogLine {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

export interface AgentUnderTestOptions {
  readonly configPath: string
  /** The file to run; the sources unless told otherwise. */
  readonly program?: string
  /** Told each line of standard output, without its newline. */
  readonly onEntry?: (line: string) => void
}

/** A file that the agent has open: its inode, and the name it has or had last. */
export interface OpenFile {
  readonly inode: string
  readonly path: string
}

const main = resolve(import.meta.dirname, '../../src/main.ts')

/** The real agent as a process that a test can stop, kill, pause, look into, and whose output it can leave unread. */
export class AgentUnderTest {
  readonly log: AgentLogLine[] = []
  /** Lines of stderr that are no log: a crash. */
  readonly noise: string[] = []
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #closed: Promise<unknown>
  #isPaused = false

  private constructor({ configPath, program = main, onEntry = () => {} }: AgentUnderTestOptions) {
    this.#child = spawn(process.execPath, [program, 'run', '--config', configPath], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    splitLines(this.#child.stdout, onEntry)
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      if (line.startsWith('{')) this.log.push(JSON.parse(line))
      else this.noise.push(line)
    })
    this.#closed = once(this.#child, 'close')
  }

  /** Resolves when the agent says that it has started; rejects with its last words when it has ended instead. */
  static async start(options: AgentUnderTestOptions): Promise<AgentUnderTest> {
    const agent = new AgentUnderTest(options)
    const hasStarted = () => agent.log.some(({ message }) => message === 'started')
    await waitUntil('the agent starts', () => hasStarted() || !agent.isRunning, 20_000)
    if (!hasStarted()) throw new Error(`the agent did not start: ${agent.noise.join('\n')}`)
    return agent
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** SIGTERM; resolves with the exit code when the process is gone and all it wrote has been read. */
  async stop(): Promise<number | null> {
    this.resume()
    this.#child.kill('SIGTERM')
    await this.#closed
    return this.#child.exitCode
  }

  /** SIGKILL; resolves when the process is gone and all it wrote has been read. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    this.readOn()
    await this.#closed
  }

  /** SIGSTOP */
  pause(): void {
    this.#isPaused = true
    this.#child.kill('SIGSTOP')
  }

  /** SIGCONT */
  resume(): void {
    this.#isPaused = false
    this.#child.kill('SIGCONT')
  }

  /** Leaves the output in the pipe, which fills. */
  stopReading(): void {
    this.#child.stdout.pause()
  }

  readOn(): void {
    this.#child.stdout.resume()
  }

  /** Takes what is in the pipe now, while reading is stopped. */
  sip(): void {
    this.#child.stdout.read()
  }

  /** Linux only. */
  openFiles(): OpenFile[] {
    const directory = `/proc/${this.pid}/fd`
    return readdirSync(directory).flatMap((descriptor) => {
      try {
        const path = readlinkSync(`${directory}/${descriptor}`).replace(/ \(deleted\)$/, '')
        return [{ inode: inodeOf(`${directory}/${descriptor}`), path }]
      } catch {
        return [] // closed since the folder was read
      }
    })
  }
}

/** Names the file at that path for as long as it exists. */
export function inodeOf(path: string): string {
  const { dev, ino } = statSync(path)
  return `${dev}:${ino}`
}

function splitLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder()
  let rest = ''
  stream.on('data', (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
