import type { StreamName } from '../../src/model/stream-name.ts'
import { type ContainerRuntime, logRecords } from '../../src/simulation/log-record.ts'
import { Random } from '../../src/simulation/random.ts'

/** Share of lines that go to stderr. */
const STDERR = 0.15
/** When the corpora were written: 2026-11-22T07:00:00Z in nanoseconds. */
const START = 1_795_330_800_000_000_000n

/** Records of a log as a runtime writes them, to be repeated in files: whole chains of partials only. */
export interface LogBlock {
  readonly bytes: Buffer
  readonly lines: number
  readonly entries: number
}

/** Writes one entry's records. */
export type Writing = (random: Random, write: BlockWriter) => void

/** What a container writes, put into one block. */
export class BlockWriter {
  byteCount = 0
  entries = 0
  readonly #records: Buffer[] = []
  readonly #runtime: ContainerRuntime
  readonly #random: Random
  #time = START

  constructor(runtime: ContainerRuntime, random: Random) {
    this.#runtime = runtime
    this.#random = random
  }

  line(body: string): void {
    this.#write(this.#stream(), body, true)
  }

  /** A line that its program wrote in two goes; `between` is a line of the other stream that got in between. */
  brokenLine(body: string, between?: string): void {
    const stream = this.#stream()
    const cut = Math.ceil(body.length / 2)
    this.#write(stream, body.slice(0, cut), false)
    if (between !== undefined) this.#write(stream === 'stdout' ? 'stderr' : 'stdout', between, true)
    this.#write(stream, body.slice(cut), true)
  }

  block(): LogBlock {
    return { bytes: Buffer.concat(this.#records), lines: this.#records.length, entries: this.entries }
  }

  #write(stream: StreamName, text: string, isWhole: boolean): void {
    const output = { stream, content: Buffer.from(text), isWhole, now: () => this.#now() }
    for (const record of logRecords(this.#runtime, output)) {
      this.#records.push(record)
      this.byteCount += record.length
    }
    if (isWhole) this.entries += 1
  }

  #stream(): StreamName {
    return this.#random.next() < STDERR ? 'stderr' : 'stdout'
  }

  #now(): bigint {
    this.#time += BigInt(1 + this.#random.below(200_000))
    return this.#time
  }
}

/** The same seed gives the same bytes: at least `byteCount` of them. */
export function logBlock(
  writing: Writing,
  options: { runtime: ContainerRuntime; seed: number; byteCount: number },
): LogBlock {
  const random = new Random(options.seed)
  const writer = new BlockWriter(options.runtime, random)
  while (writer.byteCount < options.byteCount) writing(random, writer)
  return writer.block()
}
