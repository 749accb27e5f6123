import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../lib/errors.ts'
import type { StreamName } from '../model/stream-name.ts'
import { LogRotation } from './log-rotation.ts'
import { LogWriter } from './log-writer.ts'
import { containerLink, dockerLog, type PodPathNames, podLogDirectory } from './node-paths.ts'
import { currentDate, type NodeSettings } from './node-settings.ts'

/** One run of a container and its log. Each change that a reader of the folder can see is a method. */
export class ContainerInstance {
  /** 64 hex digits. */
  readonly id: string
  readonly restartCount: number
  readonly startedAt: Date
  /** The kubelet's path of the active log; with docker it is a link. */
  readonly logPath: string
  readonly linkPath: string
  /** The file that the runtime writes to. */
  readonly #filePath: string
  readonly #node: NodeSettings
  #log: LogWriter | undefined
  #previousLog: LogWriter | undefined
  #finished: { readonly at: Date; readonly exitCode: number } | undefined

  constructor(node: NodeSettings, pod: PodPathNames, container: { name: string; restartCount: number }) {
    this.#node = node
    this.id = node.random.hex(64)
    this.restartCount = container.restartCount
    this.startedAt = currentDate(node)
    this.logPath = join(podLogDirectory(node.root, pod), container.name, `${container.restartCount}.log`)
    this.linkPath = containerLink(node.root, pod, { name: container.name, id: this.id })
    this.#filePath = node.runtime === 'docker' ? dockerLog(node.root, this.id) : this.logPath
  }

  get isRunning(): boolean {
    return this.#log !== undefined
  }

  get finishedAt(): Date | undefined {
    return this.#finished?.at
  }

  get exitCode(): number | undefined {
    return this.#finished?.exitCode
  }

  /** The file that lines are written to now; throws if the instance is not running. */
  get log(): LogWriter {
    if (this.#log === undefined) throw new Error(`container instance ${this.id} does not run`)
    return this.#log
  }

  /** The rotated file until the runtime has closed it: late lines are still written there. */
  get previousLog(): LogWriter | undefined {
    return this.#previousLog
  }

  createLog(): void {
    mkdirSync(dirname(this.logPath), { recursive: true, mode: 0o755 })
    mkdirSync(dirname(this.#filePath), { recursive: true })
    this.#log = this.#open()
    if (this.#filePath !== this.logPath) symlinkSync(this.#filePath, this.logPath)
  }

  link(): void {
    mkdirSync(dirname(this.linkPath), { recursive: true })
    try {
      symlinkSync(this.logPath, this.linkPath)
    } catch (error) {
      // Names that are cut at 251 bytes may collide. Then the kubelet logs it, and the second container has no link.
      if (systemCode(error) !== 'EEXIST') throw error
    }
  }

  /** Writes one line, given without its newline, to the active file. */
  write(stream: StreamName, line: string | Uint8Array): void {
    this.log.write(stream, line)
  }

  /** Rotates the log as the kubelet does; docker rotates its own files at once, without the kubelet. */
  rotate(): void {
    if (this.#node.runtime === 'docker') this.#rotateDocker()
    else this.rotation().run(currentDate(this.#node))
  }

  /** The same, step by step. */
  rotation(): LogRotation {
    return new LogRotation(this, this.#node.maxLogFiles)
  }

  reopenLog(): void {
    this.#previousLog?.close()
    this.#previousLog = this.log
    this.#log = this.#open()
  }

  closePreviousLog(): void {
    this.#previousLog?.close()
    this.#previousLog = undefined
  }

  /** Paths of rotated files, oldest first, without docker's own. */
  rotatedLogs(): string[] {
    const directory = dirname(this.logPath)
    return readdirSync(directory)
      .filter((name) => name.startsWith(`${basename(this.logPath)}.`))
      .sort()
      .map((name) => join(directory, name))
  }

  /** The process ends and the runtime closes its files, which are kept. */
  exit(exitCode = 0): void {
    this.#finished ??= { at: currentDate(this.#node), exitCode }
    this.closePreviousLog()
    this.#log?.close()
    this.#log = undefined
  }

  /** Removes the active file and all rotated ones; the link then leads nowhere. */
  removeLog(): void {
    for (const path of existsSync(dirname(this.logPath)) ? this.rotatedLogs() : []) rmSync(path)
    rmSync(this.logPath, { force: true })
    if (this.#filePath !== this.logPath) rmSync(dirname(this.#filePath), { recursive: true, force: true })
  }

  unlink(): void {
    rmSync(this.linkPath, { force: true })
  }

  #open(): LogWriter {
    return new LogWriter(this.#filePath, { runtime: this.#node.runtime, now: this.#node.now })
  }

  #rotateDocker(): void {
    const rotatedName = (number: number) => `${this.#filePath}.${number}`
    this.log.close()
    for (let number = this.#node.maxLogFiles - 1; number > 1; number--) {
      if (existsSync(rotatedName(number - 1))) renameSync(rotatedName(number - 1), rotatedName(number))
    }
    renameSync(this.#filePath, rotatedName(1))
    this.#log = this.#open()
  }
}
