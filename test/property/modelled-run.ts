import { copyFileSync, renameSync, truncateSync } from 'node:fs'
import type { StreamName } from '../../src/model/stream-name.ts'
import type { ContainerInstance } from '../../src/simulation/container-instance.ts'
import { logRecords, rfc3339Nano } from '../../src/simulation/log-record.ts'
import type { LogWriter } from '../../src/simulation/log-writer.ts'
import { Generation, type Origin, type WrittenLine } from './ledger.ts'
import { LogLinks } from './log-links.ts'
import type { Damage, LateWrite, RunParts } from './run-parts.ts'

/**
 * Milliseconds after the new file's first line within which the runtime is through with the old one; 0.57 on a real node. A
 * test process that was kept from running for longer has played something that no runtime does.
 */
const LATE_MS = 25
/** Milliseconds of silence within a trace after which the agent may end it; it waits for a second. */
const SILENCE_MS = 500
/** Bytes; no two holes have as many, and none makes the line in which it stands too long to be read at once. */
const HOLES = { small: 1, large: 150_000 } as const

/** One run of a container: each method does it to the real files and writes it down in the ledger. */
export class ModelledRun {
  readonly origin: Origin
  readonly links: LogLinks
  readonly #instance: ContainerInstance
  readonly #parts: RunParts
  /** Oldest first, the active one last; those that are deleted are not among them. */
  #generations: Generation[]
  readonly #open: Record<StreamName, WrittenLine | undefined> = { stdout: undefined, stderr: undefined }
  #rotating: AsyncGenerator<undefined, void> | undefined
  /** Where the active file is while the runtime has not opened a new one. */
  #renamed: string | undefined
  #late: LateWrite | undefined
  /** A trace is being written there: nothing else may come between its lines. */
  #traced: StreamName | undefined
  #isEnding = false

  /** `instance` must have its log. */
  constructor(instance: ContainerInstance, origin: Omit<Origin, 'links'>, parts: RunParts) {
    this.#instance = instance
    this.links = new LogLinks(instance)
    this.origin = { ...origin, links: this.links.names }
    this.#parts = parts
    this.#generations = [new Generation(instance.logPath)]
  }

  get generations(): readonly Generation[] {
    return this.#generations
  }

  /** Writes a line, or the end of the one that the stream has begun. */
  write(stream: StreamName, bytes: number): void {
    this.#writeTo(this.#instance.log, this.active, { stream, bytes, isPartial: false })
  }

  /**
   * Writes a stack trace, which is one record, with so many steps of a rotation within it, if one is under way. Without effect while a line of the stream
   * is begun.
   */
  async writeTrace(stream: StreamName, { frames, steps }: { readonly frames: number; readonly steps: number }) {
    if (this.#open[stream] !== undefined) return
    const { ledger } = this.#parts
    const line = ledger.begin(this.origin, stream)
    const lines = [
      `${line.text}java.lang.IllegalStateException: gone`,
      ...Array.from({ length: frames }, (_, index) => `\tat shop.Orders.find(Orders.java:${index})`),
    ]
    line.text = lines.join('\n')
    ledger.expect(line)
    const [before, after] = [lines.slice(0, 1 + frames / 2), lines.slice(1 + frames / 2)]
    const startedMs = performance.now()
    this.#writeLines(line, before)
    this.#traced = stream
    for (let step = 0; step < steps && this.#rotating !== undefined; step += 1) await this.stepRotation()
    this.#traced = undefined
    this.#writeLines(line, after)
    if (performance.now() - startedMs < SILENCE_MS) return
    line.isCut = true
    line.isForgiven = true
  }

  #writeLines(line: WrittenLine, lines: readonly string[]): void {
    if (lines.length === 0) return
    const { active } = this
    line.parts.push({ generation: active, text: (line.parts.length > 0 ? '\n' : '') + lines.join('\n') })
    active.lines.add(line)
    for (const text of lines) {
      const { runtime, clock } = this.#parts
      const output = { stream: line.stream, content: Buffer.from(text), isWhole: true, now: clock.nanoseconds }
      for (const record of logRecords(runtime, output)) this.#instance.log.append(record)
    }
  }

  /** Writes words without a newline. */
  writePartial(stream: StreamName, bytes: number): void {
    this.#writeTo(this.#instance.log, this.active, { stream, bytes, isPartial: true })
  }

  /**
   * Writes a line behind a damaged place. Without effect while a line is begun: that would lose its end, and nobody could tell which entry
   * is whose.
   */
  damage(stream: StreamName, { isTorn, hole }: Damage): void {
    if (this.#open.stdout !== undefined || this.#open.stderr !== undefined) return
    const { log } = this.#instance
    if (isTorn) this.#writeTorn(log, stream, hole === 'none' ? `${this.#time} ${stream} F end\n` : '')
    if (hole === 'none') return
    const holeBytes = HOLES[hole] + this.#parts.ledger.lines.length
    log.append(Buffer.alloc(holeBytes))
    this.#writeTo(log, this.active, { stream, bytes: 10, isPartial: false }).holeBytes = holeBytes
  }

  /** The beginning of a record, and `rest` in the place of its end. */
  #writeTorn(log: LogWriter, stream: StreamName, rest: string): void {
    const { ledger } = this.#parts
    const line = ledger.begin(this.origin, stream)
    line.isMalformed = true
    const written = `${this.#time} ${line.text}${rest}`
    line.text = written.trimEnd()
    line.parts.push({ generation: this.active, text: line.text })
    this.active.lines.add(line)
    ledger.expect(line)
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
    renameSync(this.#renamed, this.#instance.logPath)
    this.#renamed = undefined
    this.active.movedTo(this.#instance.logPath)
    await this.#rotating?.return()
    this.#rotating = undefined
  }

  /**
   * As logrotate does it, for whoever has it look after container logs. Without effect during a rotation, and on a file of which
   * nothing has arrived: one that the agent opened empty, and that was filled and emptied between two looks, looks the same.
   */
  copytruncate(): void {
    const hasBeenRead = [...this.active.lines].some(({ arrivals }) => arrivals.length > 0)
    if (this.#rotating !== undefined || !hasBeenRead) return
    const { logPath } = this.#instance
    const copy = this.#rotatedPath()
    copyFileSync(logPath, copy)
    truncateSync(logPath)
    this.active.copiedTo(copy)
    this.#goOnIn(new Generation(logPath))
  }

  /** The container ends; a rotation under way is finished or undone. */
  async exit(exitCode = 0): Promise<void> {
    this.#isEnding = true
    await this.renameBack()
    while (this.#rotating !== undefined) await this.stepRotation()
    this.#instance.exit(exitCode)
    for (const line of [this.#open.stdout, this.#open.stderr])
      if (line !== undefined) this.#parts.ledger.expectUnfinished(line)
  }

  /** The files have been deleted, and the kubelet's link. */
  removed(): void {
    this.links.removeAll()
    for (const generation of this.#generations) generation.deleted()
  }

  get active(): Generation {
    return this.#generations.at(-1) as Generation
  }

  /** As a record begins with it. */
  get #time(): string {
    return rfc3339Nano(this.#parts.clock.nanoseconds())
  }

  #rotatedPath(): string {
    return this.#parts.clock.rotatedPath(this.#instance.logPath, this.#instance.rotatedLogs())
  }

  #goOnIn(generation: Generation): void {
    this.active.next = generation
    this.#generations.push(generation)
  }

  #writeTo(
    log: LogWriter,
    generation: Generation,
    { stream, bytes, isPartial }: { stream: StreamName; bytes: number; isPartial: boolean },
  ): WrittenLine {
    const begun = this.#open[stream]
    const { ledger, runtime, clock } = this.#parts
    const line = begun ?? ledger.begin(this.origin, stream)
    const room = Math.max(0, LONGEST_BYTES - Buffer.byteLength(line.text))
    const text = `${begun === undefined ? line.text : '|'}${filler(line.sequence, Math.min(bytes, room))}`
    line.text = begun === undefined ? text : line.text + text
    line.parts.push({ generation, text })
    generation.lines.add(line)
    this.#open[stream] = isPartial ? line : undefined
    if (!isPartial) ledger.expect(line)
    const output = { stream, content: Buffer.from(text), isWhole: !isPartial, now: clock.nanoseconds }
    for (const record of logRecords(runtime, output)) log.append(record)
    return line
  }

  /** The kubelet's steps, in the order of `LogRotation.run`. */
  async *#rotate(): AsyncGenerator<undefined, void> {
    const rotation = this.#instance.rotation()
    rotation.removeLeftovers()
    const rotated = rotation.rotated()
    const excess = new Set(rotated.slice(0, Math.max(0, rotated.length - (this.#parts.maxLogFiles - 2))))
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
    // The kubelet rotates no empty file. Here others do, but what a late write then begins has no place that any clock tells.
    if (this.#parts.clock.isStepping && this.active.lines.size === 0) this.#writeFirst()
    this.#renamed = this.#rotatedPath()
    renameSync(this.#instance.logPath, this.#renamed)
    this.active.movedTo(this.#renamed)
    yield
    this.#reopen()
  }

  async #delete(paths: ReadonlySet<string>, deleteFiles: () => void): Promise<void> {
    const isMeant = ({ path }: Generation) => path !== undefined && paths.has(path)
    const going = this.#generations.filter(isMeant)
    await this.#parts.permit(going)
    deleteFiles()
    if (going.some(({ lines }) => lines.size === 0)) this.#parts.ledger.deletedUnwritten.add(this.origin)
    for (const generation of going) generation.deleted()
    this.#generations = this.#generations.filter(({ path }) => path !== undefined)
  }

  #reopen(): void {
    this.#renamed = undefined
    const old = this.active
    const reopenedMs = performance.now()
    this.#instance.reopenLog()
    this.#goOnIn(new Generation(this.#instance.logPath))
    if (this.#late === undefined && this.#parts.clock.isStepping) this.#writeFirst()
    if (this.#late !== undefined) this.#writeLate(this.#late, old, reopenedMs)
    this.#instance.closePreviousLog()
  }

  /** An empty file has no time but the file system's, and that is of another clock here. */
  #writeFirst(): void {
    const stream = this.#traced === 'stdout' ? 'stderr' : 'stdout'
    if (this.#open[stream] === undefined) this.write(stream, 10)
    else this.writePartial(stream, 10)
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
}

/** Bytes of a line, or somewhat more: the agent cuts what has more than 1 MiB, which other tests look at. */
const LONGEST_BYTES = 1_000_000

/** Characters that JSON escapes and that UTF-8 writes in several bytes are among them; no two lines look alike. */
function filler(sequence: number, bytes: number): string {
  const word = `${sequence}"\\\té€😀.`
  return word.repeat(Math.ceil(bytes / Buffer.byteLength(word)))
}
