import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet, type KubeletOptions } from '../../src/simulation/kubelet.ts'
import { limited } from './limited.ts'
import { program } from './program.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { waitUntil } from './wait-until.ts'

/** An entry as a test looks at it. */
export interface TestEntry {
  readonly time: string
  readonly stream: string
  readonly log: string
  readonly kubernetes: Readonly<Record<string, unknown>> & {
    readonly pod: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [flag: string]: unknown
}

export interface TestNodeOptions {
  /** Merged over what makes the agent read this node. */
  readonly config?: Readonly<Record<string, object>>
  readonly kubelet?: KubeletOptions
  /** `paused`: nobody reads the agent's entries until `readOn`. */
  readonly stdout?: 'read' | 'paused'
  /** Called with each line of the agent's output, as a container runtime takes it. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', line: string) => void
  /** How many files the agent may have open. */
  readonly descriptorLimit?: number
}

/** A simulated node with an API server, and the real agent as a process on it. Everything ends with the test. */
export class TestNode {
  readonly root: string
  readonly api: FakeApiServer
  readonly kubelet: Kubelet
  /** What all agents of this node wrote, in order. */
  readonly entries: TestEntry[] = []
  /** The agents' own logs. */
  readonly agentLog: { readonly level: string; readonly message: string; readonly [field: string]: unknown }[] = []
  /** Lines of stderr that are no log: a crash. */
  readonly noise: string[] = []
  readonly #config: Readonly<Record<string, object>>
  readonly #onOutput: NonNullable<TestNodeOptions['onOutput']>
  readonly #descriptorLimit: number | undefined
  readonly #readable = Promise.withResolvers<void>()
  #agent: ChildProcess | undefined
  #reading: Promise<unknown> = Promise.resolve()

  private constructor(root: string, api: FakeApiServer, options: TestNodeOptions) {
    this.root = root
    this.api = api
    this.#config = options.config ?? {}
    this.#onOutput = options.onOutput ?? (() => {})
    this.#descriptorLimit = options.descriptorLimit
    this.kubelet = new Kubelet(root, api, options.kubelet)
    if (options.stdout !== 'paused') this.readOn()
  }

  static async start(t: TestContext, options: TestNodeOptions = {}): Promise<TestNode> {
    const api = await FakeApiServer.start()
    const node = new TestNode(temporaryDirectory(t), api, options)
    t.after(async () => {
      await node.kill()
      node.kubelet.close()
      await api.close()
    })
    return node
  }

  get configPath(): string {
    return join(this.root, 'loggy.yaml')
  }

  get deadLetterPath(): string {
    return join(this.root, 'state', 'dead-letter.ndjson')
  }

  /** The entries that the destination has refused for good, as they stand in the agent's file. */
  deadLetters() {
    const text = existsSync(this.deadLetterPath) ? readFileSync(this.deadLetterPath, 'utf8') : ''
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }

  /** Writes the config file; of an agent that runs, it is reloaded. */
  configure(config: Readonly<Record<string, object>> = this.#config): void {
    writeFileSync(join(this.root, 'kubeconfig'), this.api.kubeconfig)
    const own = {
      source: { directory: this.kubelet.logDirectory, ...config.source },
      state: { directory: join(this.root, 'state') },
      kubernetes: {
        nodeName: this.kubelet.nodeName,
        kubeconfig: join(this.root, 'kubeconfig'),
        ...config.kubernetes,
      },
      shutdown: { timeout: '5s', ...config.shutdown },
    }
    // Agents of several tests run at a time, so none has a port unless it is given one.
    const silent = { metrics: { port: 0 }, api: { port: 0 } }
    writeFileSync(this.configPath, JSON.stringify({ ...silent, ...config, ...own }))
  }

  async startAgent(
    env: Readonly<Record<string, string>> = {},
    config: Readonly<Record<string, object>> = this.#config,
  ): Promise<void> {
    this.configure(config)
    const [file, ...args] = limited(
      [process.execPath, program, 'run', '--config', this.configPath],
      this.#descriptorLimit,
    )
    const { PATH, NODE_OPTIONS, NODE_COMPILE_CACHE } = process.env
    const child = spawn(file, args, {
      env: { PATH, NODE_OPTIONS, NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#agent = child
    this.#reading = Promise.allSettled([this.#readEntries(child), this.#readLog(child), once(child, 'exit')])
    await waitUntil(
      'the agent has started',
      () => this.agentLog.some(({ message }) => message === 'started') || this.hasEnded,
    )
  }

  get pid(): number {
    return this.#agent?.pid ?? Number.NaN
  }

  get hasEnded(): boolean {
    return this.#agent?.exitCode !== null || this.#agent.signalCode !== null
  }

  /** SIGTERM; resolves with the exit code when the process is gone and all it wrote has been read. */
  async stopAgent(): Promise<number | null> {
    this.#agent?.kill('SIGTERM')
    await waitUntil('the agent ends', () => this.hasEnded)
    await this.#reading
    return this.#agent?.exitCode ?? null
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#agent === undefined) return
    this.#agent.kill('SIGKILL')
    await this.#reading
  }

  /** Ends the pause that the agent's entries began with. */
  readOn(): void {
    this.#readable.resolve()
  }

  signal(signal: NodeJS.Signals): void {
    this.#agent?.kill(signal)
  }

  pause(): void {
    this.signal('SIGSTOP')
  }

  resume(): void {
    this.signal('SIGCONT')
  }

  /** Nobody reads the agent's own log any more. */
  closeLog(): void {
    this.#agent?.stderr?.destroy()
  }

  hasOpen(path: string): boolean {
    return this.openLogs().includes(statSync(path).ino)
  }

  /** Inodes of the log files that the agent has open, deleted ones included. */
  openLogs(): number[] {
    const directory = `/proc/${this.pid}/fd`
    return readdirSync(directory).flatMap((name) => {
      const descriptor = join(directory, name)
      try {
        return readlinkSync(descriptor).startsWith(join(this.root, 'pods')) ? [statSync(descriptor).ino] : []
      } catch {
        return [] // closed since the folder was read
      }
    })
  }

  logs(pod?: string): string[] {
    return this.entries.filter(({ kubernetes }) => pod === undefined || kubernetes.pod === pod).map(({ log }) => log)
  }

  /** Waits until an entry of that text is there, and returns it. */
  async entry(log: string, timeoutMs?: number): Promise<TestEntry> {
    const find = () => this.entries.findLast((entry) => entry.log === log)
    const explain = () =>
      `entry ${JSON.stringify(log)} among ${JSON.stringify(this.logs().slice(-5))}; ${this.noise.join('\n')}`
    await waitUntil('', () => find() !== undefined, timeoutMs).catch(() => {
      throw new Error(`no ${explain()}`)
    })
    return find() as TestEntry
  }

  /** A file among the container logs that no kubelet made. */
  strayFile(name: string, content: string): void {
    mkdirSync(this.kubelet.logDirectory, { recursive: true })
    appendFileSync(join(this.kubelet.logDirectory, name), content)
  }

  async #readEntries(child: ChildProcess): Promise<void> {
    if (child.stdout === null) return
    child.stdout.setEncoding('utf8')
    await Promise.race([this.#readable.promise, once(child, 'exit')])
    let last = ''
    for await (const chunk of child.stdout) {
      const lines = (last + chunk).split('\n')
      last = lines.pop() ?? ''
      for (const line of lines) {
        this.#onOutput('stdout', line)
        this.entries.push(JSON.parse(line))
      }
    }
    // Only SIGKILL may tear a line that is being written.
    if (last !== '' && child.signalCode !== 'SIGKILL') this.noise.push(`torn: ${last}`)
  }

  async #readLog(child: ChildProcess): Promise<void> {
    if (child.stderr === null) return
    const lines = createInterface({ input: child.stderr })
    child.stderr.once('close', () => lines.close())
    for await (const line of lines) {
      this.#onOutput('stderr', line)
      if (line.startsWith('{')) this.agentLog.push(JSON.parse(line))
      else this.noise.push(line)
    }
  }
}
