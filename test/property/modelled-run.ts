import { copyFileSync, truncateSync } from 'node:fs'
import type { StreamName } from '../../src/model/stream-name.ts'
import type { ContainerInstance } from '../../src/simulation/container-instance.ts'
import type { LogRotation } from '../../src/simulation/log-rotation.ts'
import type { LogWriter } from '../../src/simulation/log-writer.ts'
import { Generation, type Ledger, type Origin, type WrittenLine } from './ledger.ts'

/** Asked before files are deleted, so that nothing is taken away that an agent at work had no chance to open. */
export type Permit = (generations: readonly Generation[]) => Promise<void>

/** What the runtime may still write to the old file just after it has opened the new one. */
export interface LateWrite {
  readonly stream: StreamName
  readonly isPartial: boolean
}

/** What a full disk or a power cut does between two lines. */
export interface Damage {
  /** The line before was cut within its header. */
  readonly isTorn: boolean
  /** NULs that stand there: some, or more than one look brings. */
  readonly hole: 'none' | 'small' | 'large'
}

/**
 * Milliseconds after the new file's first line within which the runtime is through with the old one; 0.57 on a real node. A
 * test process that was kept from running for longer has played something that no runtime does.
 */
const LATE_MS = 25
/** Bytes; no two holes have as many, and none makes the line in which it stands too long to be read at once. */
const HOLES = { small: 1, large: 150_000 } as const
/** As a record begins with it. */
const TIME = '2026-11-22T07:00:00.123456789Z'

/** One run of a container: each method does it to the real files and writes it down in the ledger. */
export class ModelledRun {
  readonly origin: Origin
  readonly #instance: ContainerInstance
  readonly #ledger: Ledger
  readonly #maxLogFiles: number
  readonly #permit: Permit
  /** Oldest first, the active one last; those that are deleted are not among them. */
  #generations: Generation[]
  readonly #open: Record<StreamName, WrittenLine | undefined> = { stdout: undefined, stderr: undefined }
  #rotating: AsyncGenerator<undefined, void> | undefined
  #renamed: LogRotation | undefined
  #late: LateWrite | undefined
  #isEnding = false

  /** `instance` must have its log. */
  constructor(
    instance: ContainerInstance,
    origin: Origin,
    parts: { ledger: Ledger; maxLogFiles: number; permit: Permit },
  ) {
    this.#instance = instance
    this.origin = origin
    this.#ledger = parts.ledger
    this.#maxLogFiles = parts.maxLogFiles
    this.#permit = parts.permit
    this.#generations = [new Generation(instance.logPath)]
  }

  get generations(): readonly Generation[] {
    return this.#generations
  }

  /** Writes a line, or the end of the one that the stream has begun. */
  write(stream: StreamName, bytes: number): void {
    this.#writeTo(this.#instance.log, this.#active, { stream, bytes, isPartial: false })
  }

  /** Writes words without a newline. */
  writePartial(stream: StreamName, bytes: number): void {
    this.#writeTo(this.#instance.log, this.#active, { stream, bytes, isPartial: true })
  }

  /**
   * Writes a line behind a damaged place. Without effect while a line is begun: that would lose its end, and nobody could tell which entry
   * is whose.
   */
  damage(stream: StreamName, { isTorn, hole }: Damage): void {
    if (this.#open.stdout !== undefined || this.#open.stderr !== undefined) return
    const { log } = this.#instance
    if (isTorn) this.#writeTorn(log, stream, hole === 'none' ? `${TIME} ${stream} F end\n` : '')
    if (hole === 'none') return
    const holeBytes = HOLES[hole] + this.#ledger.lines.length
    log.append(Buffer.alloc(holeBytes))
    this.#writeTo(log, this.#active, { stream, bytes: 10, isPartial: false }).holeBytes = holeBytes
  }

  /** The beginning of a record, and `rest` in the place of its end. */
  #writeTorn(log: LogWriter, stream: StreamName, rest: string): void {
    const line = this.#ledger.begin(this.origin, stream)
    line.isMalformed = true
    const written = `${TIME} ${line.text}${rest}`
    line.text = written.trimEnd()
    line.parts.push({ generation: this.#active, text: line.text })
    this.#active.lines.add(line)
    this.#ledger.expect(line)
    log.append(Buffer.from(rest === '' ? line.text : written))
  }

  /** Takes the next step of a rotation. */
  async stepRotation(late?: LateWrite): Promise<void> {
    this.#late = late
    this.#rotating ??= this.#rotate()
    const { done } = await this.#rotating.next()
    if (done) this.#rotating = undefined
  }

  /** Takes all steps that are left of the rotation under way, or those of a new one. */
  async rotate(late?: LateWrite): Promise<void> {
    do await this.stepRotation(late)
    while (this.#rotating !== undefined)
  }

  /** What the kubelet does when the runtime could not reopen the log. Without effect unless a rotation stands just there. */
  async renameBack(): Promise<void> {
    if (this.#renamed === undefined) return
    this.#renamed.renameBack()
    this.#renamed = undefined
    this.#active.movedTo(this.#instance.logPath)
    await this.#rotating?.return()
    this.#rotating = undefined
  }

  /**
   * As logrotate does it, for whoever has it look after container logs. Without effect during a rotation, and on a file of which
   * nothing has arrived: one that the agent opened empty, and that was filled and emptied between two looks, looks the same.
   */
  copytruncate(): void {
    const hasBeenRead = [...this.#active.lines].some(({ arrivals }) => arrivals.length > 0)
    if (this.#rotating !== undefined || !hasBeenRead) return
    const { logPath } = this.#instance
    const copy = this.#copyPath()
    copyFileSync(logPath, copy)
    truncateSync(logPath)
    this.#active.copiedTo(copy)
    this.#goOnIn(new Generation(logPath))
  }

  /** The container ends; a rotation under way is finished or undone. */
  async exit(exitCode = 0): Promise<void> {
    this.#isEnding = true
    await this.renameBack()
    while (this.#rotating !== undefined) await this.stepRotation()
    this.#instance.exit(exitCode)
    for (const line of [this.#open.stdout, this.#open.stderr])
      if (line !== undefined) this.#ledger.expectUnfinished(line)
  }

  /** The files have been deleted. */
  removed(): void {
    for (const generation of this.#generations) generation.deleted()
  }

  get #active(): Generation {
    return this.#generations.at(-1) as Generation
  }

  #goOnIn(generation: Generation): void {
    this.#active.next = generation
    this.#generations.push(generation)
  }

  #writeTo(
    log: LogWriter,
    generation: Generation,
    { stream, bytes, isPartial }: { stream: StreamName; bytes: number; isPartial: boolean },
  ): WrittenLine {
    const begun = this.#open[stream]
    const line = begun ?? this.#ledger.begin(this.origin, stream)
    const text = `${begun === undefined ? line.text : '|'}${filler(line.sequence, bytes)}`
    line.text = begun === undefined ? text : line.text + text
    line.parts.push({ generation, text })
    generation.lines.add(line)
    this.#open[stream] = isPartial ? line : undefined
    if (!isPartial) this.#ledger.expect(line)
    if (isPartial) log.writeUnfinished(stream, text)
    else log.write(stream, text)
    return line
  }

  /** The kubelet's steps, in the order of `LogRotation.run`. */
  async *#rotate(): AsyncGenerator<undefined, void> {
    const rotation = this.#instance.rotation()
    rotation.removeLeftovers()
    const rotated = rotation.rotated()
    const excess = new Set(rotated.slice(0, Math.max(0, rotated.length - (this.#maxLogFiles - 2))))
    await this.#delete(excess, () => rotation.removeOldest())
    yield
    for (const compression of rotation.compressions()) {
      compression.writeTemporary()
      yield
      compression.publish()
      yield
      compression.removeSource()
      this.#generations.find(({ path }) => path === compression.source)?.movedTo(compression.target)
      yield
      compression.finish()
      yield
    }
    if (this.#isEnding) return
    this.#active.movedTo(rotation.renameLog(new Date()))
    this.#renamed = rotation
    yield
    this.#reopen(rotation)
  }

  async #delete(paths: ReadonlySet<string>, deleteFiles: () => void): Promise<void> {
    const isMeant = ({ path }: Generation) => path !== undefined && paths.has(path)
    const going = this.#generations.filter(isMeant)
    await this.#permit(going)
    deleteFiles()
    for (const generation of going) generation.deleted()
    this.#generations = this.#generations.filter(({ path }) => path !== undefined)
  }

  #reopen(rotation: LogRotation): void {
    this.#renamed = undefined
    const old = this.#active
    const reopenedMs = performance.now()
    rotation.reopenLog()
    this.#goOnIn(new Generation(this.#instance.logPath))
    if (this.#late !== undefined) this.#writeLate(this.#late, old, reopenedMs)
    rotation.closePreviousLog()
  }

  /** The other stream goes on in the new file already. */
  #writeLate({ stream, isPartial }: LateWrite, old: Generation, reopenedMs: number): void {
    const oldLog = this.#instance.previousLog
    if (oldLog === undefined) return
    this.write(stream === 'stdout' ? 'stderr' : 'stdout', 10)
    if (performance.now() - reopenedMs > LATE_MS) return
    const line = this.#writeTo(oldLog, old, { stream, bytes: 10, isPartial })
    if (performance.now() - reopenedMs > LATE_MS) line.isForgiven = true
  }

  #copyPath(): string {
    const newest = this.#instance.rotatedLogs().at(-1)
    const rotation = /\.(\d{8})-(\d{6})(\.gz)?$/.exec(newest ?? '')
    const now = new Date()
    // Never older than what is there: names that sort as times are what tells the order.
    const stamp = rotation === null ? timestamp(now) : laterOf(timestamp(now), `${rotation[1]}-${rotation[2]}`)
    return `${this.#instance.logPath}.${stamp}`
  }
}

/** Local time, as the kubelet and logrotate's `dateext` with that format write it. */
function timestamp(time: Date): string {
  const two = (value: number) => `${value}`.padStart(2, '0')
  const date = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`
  return `${date}-${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`
}

function laterOf(now: string, newest: string): string {
  if (now > newest) return now
  const [, year, month, day, hour, minute, second] = /(....)(..)(..)-(..)(..)(..)/.exec(newest) ?? []
  return timestamp(
    new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second) + 1),
  )
}

/** Characters that JSON escapes and that UTF-8 writes in several bytes are among them; no two lines look alike. */
function filler(sequence: number, bytes: number): string {
  const word = `${sequence}"\\\té€😀.`
  return word.repeat(Math.ceil(bytes / Buffer.byteLength(word)))
}
