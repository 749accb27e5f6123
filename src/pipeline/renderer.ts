import type { Kernel } from '../kernel/kernel.ts'
import * as layout from '../kernel/layout.ts'
import type { Table } from '../kernel/table.ts'
import type { Clock } from '../lib/clock.ts'
import type { EntryTap } from '../model/entry-tap.ts'
import { BatchBuilder } from './batch-builder.ts'
import type { Lane } from './lane.ts'
import { LeftOut } from './left-out.ts'
import type { Redaction } from './redaction.ts'
import type { Stage } from './stage.ts'

// Hot file: runs a few times per chunk. Guarded by test/bench.

/** Why a run ended: see assembly/run.ts. */
const ENDINGS = ['done', 'staged', 'full', 'foreign', 'telling'] as const
type Ending = (typeof ENDINGS)[number]

export interface RendererParts {
  readonly kernel: Kernel
  readonly table: Table
  readonly clock: Clock
  readonly redaction: Redaction | undefined
  readonly stages: readonly Stage[]
  readonly tap: EntryTap | undefined
}

/** Renders the table's rows into batches with the lane's program, and with Loggy's own program for the tap, while somebody looks. */
export class Renderer {
  readonly #parts: RendererParts
  /** Address of RUN: see layout.ts. */
  readonly #run: number
  #tapped: BatchBuilder | undefined

  constructor(parts: RendererParts) {
    this.#parts = parts
    this.#run = parts.kernel.assembly.RUN.value
  }

  /** Returns false if the batch is full. The remaining rows can go into the next one. */
  render(lane: Lane, batch: BatchBuilder): boolean {
    const { kernel, table, clock, stages, tap } = this.#parts
    kernel.program.load(lane.program)
    kernel.setNow(clock.now())
    const isWatched = tap?.isOpen === true
    const isShownApart = isWatched && lane.own !== lane.program
    const pauses = Number(stages.length > 0 || isShownApart || lane.sampler !== undefined)
    if (table.next === table.ready) lane.sampler?.begin()
    for (;;) {
      const [first, used] = [table.next, batch.used]
      const ended = this.#write(batch, pauses)
      this.#count(lane)
      if (ended === 'staged') {
        this.#stage(stages, lane)
        continue
      }
      this.#countSampled(lane)
      if (isShownApart) this.#show(lane, first, tap)
      else if (isWatched && batch.used > used) tap.offer(lane.ref, batch.bytes.subarray(used, batch.used))
      if (ended === 'telling') this.#tellStarts(lane)
      if (ended === 'full') return false
      if (ended === 'done' && !table.hasMore) return true
    }
  }

  /** Runs the kernel on the batch; only its last step, if `pauses` is undefined. Makes room for an entry that is larger than a batch. */
  #write(batch: BatchBuilder, pauses: number | undefined): Ending {
    const { kernel } = this.#parts
    const { run, render } = kernel.assembly
    const { bytes, ends } = batch.output
    const at = this.#run
    for (;;) {
      kernel.put(at + layout.RUN_BASE, bytes.byteOffset)
      kernel.put(at + layout.RUN_OUT, bytes.byteOffset + batch.used)
      kernel.put(at + layout.RUN_ENDS, ends.byteOffset + batch.entryCount * layout.WORD)
      kernel.put(at + layout.RUN_LAST_END, ends.byteOffset + (batch.isLarge ? 1 : ends.length) * layout.WORD)
      const limit = bytes.byteOffset + bytes.length
      const ended = ENDINGS[pauses === undefined ? render(limit) : run(limit, pauses)] as Ending
      batch.used = kernel.get(at + layout.RUN_OUT) - bytes.byteOffset
      batch.entryCount = (kernel.get(at + layout.RUN_ENDS) - ends.byteOffset) >>> layout.WORD_SHIFT
      const op = kernel.get(at + layout.RUN_OP)
      if (op === 0) {
        batch.joinPieces()
        return ended
      }
      if (!this.#makeRoom(batch, ended === 'foreign' ? kernel.program.foreign(op) : undefined)) return 'full'
    }
  }

  /** Called inside an entry. `literal`: the entry's next bytes, if TypeScript has to write them. Returns false, and removes the entry, if it belongs into the next batch. */
  #makeRoom(batch: BatchBuilder, literal: Uint8Array | undefined): boolean {
    const { kernel } = this.#parts
    const at = this.#run
    const start = kernel.get(at + layout.RUN_START) - batch.output.bytes.byteOffset
    if (!batch.isLarge && start > 0) {
      batch.used = start
      kernel.put(at + layout.RUN_OP, 0)
      kernel.put(at + layout.RUN_DONE, 0)
      return false
    }
    batch.makeRoom()
    if (literal === undefined) return true
    batch.append(literal)
    kernel.put(at + layout.RUN_OP, kernel.get(at + layout.RUN_OP) + layout.OP_SIZE)
    return true
  }

  /** Tells the kernel with which of the rows a record begins, by the pattern of the pod's annotation. */
  #tellStarts({ multiline }: Lane): void {
    const { kernel, table } = this.#parts
    const end = kernel.get(this.#run + layout.RUN_TELL_TO)
    for (let index = table.next; index < end; index += 1) {
      const begins = typeof multiline === 'object' && multiline.begins(table.bodyOf(index))
      kernel.memory[table.row(index) + layout.ROW_WORD] = Number(begins)
    }
    kernel.put(this.#run + layout.RUN_IS_TOLD, 1)
  }

  #stage(stages: readonly Stage[], { sampler }: Lane): void {
    const { table, redaction } = this.#parts
    redaction?.annotate(table, table.next, table.ready)
    for (const stage of stages) {
      const ready = stage.annotate(table, table.next, table.ready)
      if (ready <= table.next) throw new RangeError('a stage must annotate one row at least')
      table.ready = ready
    }
    sampler?.annotate(table, table.next, table.ready)
  }

  /** Counts what the sampler left out of the rows that are done. The kernel counts all that is left out as filtered. */
  #countSampled(lane: Lane): void {
    const { table, clock } = this.#parts
    const { counters, sampler } = lane
    if (sampler === undefined) return
    const { records, lines, bytes } = sampler.commit(table, table.next)
    if (records === 0) return
    counters.filtered -= records
    counters.sampled += records
    counters.sampledBytes += bytes
    lane.leftOut ??= new LeftOut(clock.monotonic())
    lane.leftOut.add(lines, bytes)
  }

  /** Renders the same rows again for the tap. */
  #show(lane: Lane, first: number, tap: EntryTap): void {
    const { kernel, table } = this.#parts
    const end = table.next
    if (end === first) return
    this.#tapped ??= new BatchBuilder(kernel.newOutput())
    const tapped = this.#tapped
    const before = kernel.words.slice(this.#run / layout.WORD, (this.#run + layout.RUN_SIZE) / layout.WORD)
    kernel.program.load(lane.own)
    kernel.put(this.#run + layout.RUN_FROM, first)
    kernel.put(this.#run + layout.RUN_TO, end)
    kernel.put(this.#run + layout.RUN_OP, 0)
    for (let ended: Ending = 'full'; ended === 'full'; ) {
      ended = this.#write(tapped, undefined)
      if (tapped.used > 0) tap.offer(lane.ref, tapped.bytes.subarray(0, tapped.used))
      tapped.clear()
    }
    kernel.words.set(before, this.#run / layout.WORD)
    kernel.program.load(lane.program)
  }

  #count({ counters }: Lane): void {
    this.#parts.redaction?.count(this.#run)
    counters.lines += this.#taken(layout.COUNT_LINES)
    counters.joined += this.#taken(layout.COUNT_JOINED)
    counters.repeated += this.#taken(layout.COUNT_REPEATED)
    counters.filtered += this.#taken(layout.COUNT_FILTERED)
    counters.entries += this.#taken(layout.COUNT_ENTRIES)
    counters.malformed += this.#taken(layout.COUNT_MALFORMED)
    counters.truncated += this.#taken(layout.COUNT_TRUNCATED)
    counters.unfinished += this.#taken(layout.COUNT_UNFINISHED)
    counters.groups += this.#taken(layout.COUNT_GROUPS)
    counters.grouped += this.#taken(layout.COUNT_GROUPED)
    counters.cut += this.#taken(layout.COUNT_CUT)
  }

  /** One of the kernel's counts, which begins anew. */
  #taken(at: number): number {
    const { words } = this.#parts.kernel
    const index = (this.#run + at) >>> layout.WORD_SHIFT
    const count = words[index] as number
    words[index] = 0
    return count
  }
}
