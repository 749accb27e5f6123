import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { limited } from './limited.ts'
import { program as usualProgram } from './program.ts'
import { waitUntil } from './wait-until.ts'

/** One line of the agent's own log. */
export interface AgentLogLine {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

export interface AgentUnderTestOptions {
  readonly configPath: string
  /** The file to run; `program` of `program.ts` unless told otherwise. */
  readonly program?: string
  /** Told each line of standard output, without its newline. */
  readonly onEntry?: (line: string) => void
  /** A descriptor that standard output goes to in place of a pipe to this process: then `onEntry` is told nothing. */
  readonly stdout?: number
  /** Flags of Node, such as those of the image. */
  readonly nodeFlags?: readonly string[]
  /** Added to an environment that has nothing but a path. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The CPUs to run on, as `taskset -c` takes them; all unless told otherwise. */
  readonly cpus?: string | undefined
  /** How many files it may have open. */
  readonly descriptorLimit?: number | undefined
}

/** What the agent tells of itself when it is asked: see `Overview.report`. */
export interface AgentReport {
  readonly total: Readonly<Record<string, number>>
  readonly containers: readonly Readonly<Record<string, unknown>>[]
}

/** A file that the agent has open: its inode, and the name it has or had last. */
export interface OpenFile {
  readonly inode: string
  readonly path: string
}

/** Milliseconds: much more than any `shutdown.timeout` of a test. */
const END_WITHIN_MS = 40_000

/** The real agent as a process that a test can stop, kill, pause, look into, and whose output it can leave unread. */
export class AgentUnderTest {
  readonly log: AgentLogLine[] = []
  /** Lines of stderr that are no log: a crash. */
  readonly noise: string[] = []
  /** Just before the process was made; milliseconds of `performance.now()`. */
  readonly spawnedMs: number
  readonly #child: ChildProcess
  readonly #reports: AgentReport[] = []
  readonly #closed: Promise<unknown>
  #isPaused = false

  private constructor(options: AgentUnderTestOptions) {
    const { onEntry = () => {}, stdout = 'pipe' } = options
    const [file, ...args] = commandLine(options)
    this.spawnedMs = performance.now()
    const { PATH, NODE_OPTIONS, NODE_COMPILE_CACHE } = process.env
    // Agents of several tests run at a time, so none has a port unless it is given one.
    const silent = { LOGGY_METRICS_PORT: '0', LOGGY_API_PORT: '0' }
    const env = { PATH, NODE_OPTIONS, NODE_COMPILE_CACHE, ...silent, ...options.env }
    this.#child = spawn(file, args, { env, stdio: ['ignore', stdout, 'pipe'] })
    if (this.#child.stdout !== null) splitLines(this.#child.stdout, onEntry)
    if (this.#child.stderr !== null)
      createInterface({ input: this.#child.stderr }).on('line', this.#takeLogLine.bind(this))
    this.#closed = once(this.#child, 'close')
  }

  /** Does not wait for anything. */
  static spawn(options: AgentUnderTestOptions): AgentUnderTest {
    return new AgentUnderTest(options)
  }

  static async start(options: AgentUnderTestOptions): Promise<AgentUnderTest> {
    const agent = AgentUnderTest.spawn(options)
    await agent.started()
    return agent
  }

  /** Resolves when the agent says that it has started; rejects with its last words when it has ended instead. */
  async started(): Promise<void> {
    const hasStarted = () => this.log.some(({ message }) => message === 'started')
    await waitUntil('the agent starts', () => hasStarted() || !this.isRunning)
    if (!hasStarted()) throw new Error(`the agent did not start: ${this.noise.join('\n')}`)
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

  /** SIGUSR2; resolves with the answer. */
  async report(): Promise<AgentReport> {
    this.#reports.length = 0
    this.#child.kill('SIGUSR2')
    await waitUntil('the agent reports', () => this.#reports.length > 0 || !this.isRunning)
    const [report] = this.#reports
    if (report === undefined) throw new Error(`the agent has ended: ${this.noise.join('\n')}`)
    return report
  }

  /** SIGTERM; resolves with the exit code when the process is gone and all it wrote has been read. */
  async stop(): Promise<number | null> {
    this.resume()
    this.#child.kill('SIGTERM')
    await waitUntil('the agent ends', () => !this.isRunning, END_WITHIN_MS).catch((error) => {
      throw new Error(`${error.message}; its last words: ${JSON.stringify(this.log.slice(-5))}`)
    })
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
    this.#child.stdout?.pause()
  }

  readOn(): void {
    this.#child.stdout?.resume()
  }

  /** Takes what is in the pipe now, while reading is stopped. */
  sip(): void {
    this.#child.stdout?.read()
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

  #takeLogLine(line: string): void {
    const record = line.startsWith('{') ? JSON.parse(line) : undefined
    if (record === undefined) this.noise.push(line)
    else if ('report' in record) this.#reports.push(record.report)
    else this.log.push(record)
  }
}

function commandLine({
  configPath,
  program = usualProgram,
  nodeFlags = [],
  cpus,
  descriptorLimit,
}: AgentUnderTestOptions): [string, ...string[]] {
  const node: [string, ...string[]] = [process.execPath, ...nodeFlags, program, 'run', '--config', configPath]
  // Which become node: the pid is the agent's.
  return limited(cpus === undefined ? node : ['taskset', '-c', cpus, ...node], descriptorLimit)
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
