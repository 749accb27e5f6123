import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../../src/simulation/random.ts'
import { fixedMark, mark, type PacedLoad, type PacedWriting, type PacedWritten } from './paced-load.ts'
import { sharedNowMs } from './shared-clock.ts'

// A process of its own that writes lines to logs as a runtime does: each with one call, as soon as it is due.

/** Milliseconds; what has become due meanwhile is written at once. Sleeping leaves the core to others, spinning would not. */
const SHORTEST_SLEEP_MS = 1
const FILLER = 'GET /api/v1/orders/81723 200 12ms "Mozilla/5.0 (X11; Linux x86_64)"'

/** Writes one load. */
class PacedWriter {
  written = 0
  dueMs: number
  readonly #number: number
  readonly #intervalMs: number
  readonly #logs: readonly number[]
  readonly #random: Random
  readonly #block: Buffer
  readonly #blockLines: number
  /** Where the block's mark is. */
  readonly #markAt: number

  constructor(number: number, load: PacedLoad, startMs: number) {
    this.#number = number
    this.#intervalMs = 1000 / load.linesPerSecond
    this.#logs = load.paths.map((path) => openSync(path, 'a'))
    this.#random = new Random(number)
    this.dueMs = startMs
    const { lines = 0, lineBytes = 0 } = load.block ?? {}
    const header = `${new Date().toISOString().slice(0, -1)}000000Z stdout F `
    const line = `${header.padEnd(lineBytes - 1, FILLER)}\n`
    this.#block = Buffer.from(line.repeat(lines), 'latin1')
    this.#blockLines = lines
    this.#markAt = this.#block.length - line.length + header.length
  }

  writeDue(): void {
    for (let nowMs = sharedNowMs(); this.dueMs <= nowMs; nowMs = sharedNowMs()) {
      if (this.#blockLines > 0) {
        this.#writeBlock(nowMs)
        continue
      }
      const time = `${new Date().toISOString().slice(0, -1)}${String(this.written % 1_000_000).padStart(6, '0')}Z`
      const log = this.#logs[this.written % this.#logs.length] ?? -1
      writeSync(log, `${time} stdout F ${mark(this.#number, sharedNowMs())}${FILLER}\n`)
      this.written += 1
      // By chance, so that no rhythm of the reader meets or misses them all.
      this.dueMs += this.#intervalMs * (0.5 + this.#random.next())
    }
  }

  #writeBlock(nowMs: number): void {
    this.#block.write(fixedMark(this.#number, nowMs), this.#markAt, 'latin1')
    writeSync(this.#logs[0] ?? -1, this.#block)
    this.written += 1
    this.dueMs += this.#intervalMs * this.#blockLines
  }
}

process.once('disconnect', () => process.exit()) // the bench has gone
const { loads, seconds }: PacedWriting = JSON.parse(process.argv[2] ?? '')
const startMs = sharedNowMs()
const writers = loads.map((load, number) => new PacedWriter(number, load, startMs))
while (sharedNowMs() < startMs + seconds * 1000) {
  for (const writer of writers) writer.writeDue()
  const dueMs = Math.min(...writers.map((writer) => writer.dueMs))
  await sleep(Math.max(SHORTEST_SLEEP_MS, dueMs - sharedNowMs()))
}
const written: PacedWritten = { lines: writers.map((writer) => writer.written) }
process.send?.(written)
process.disconnect?.()
