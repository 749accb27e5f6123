import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { CANARY } from '../../src/kernel/kernel.ts'
import type { Chunk } from '../../src/model/chunk.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import { STREAM_NAMES } from '../../src/model/stream-name.ts'
import { BATCH_BYTES } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { Random } from '../../src/simulation/random.ts'
import { lineEnds } from '../support/line-ends.ts'
import { someContainer } from '../support/some-container.ts'
import { HostileLines } from './hostile-lines.ts'
import { entriesOf } from './oracle/entries.ts'

const NOW = '2026-11-25T12:00:00.000Z'
const MAX_LINE_BYTES = 1000
const LINES_PER_ROUND = 200
/** Bytes around each buffer that nothing may change. */
const CANARY_BYTES = 64
const CANARY_WORDS = CANARY_BYTES / 4

const MODES = [
  { json: false, level: 'auto', minLevel: 'trace' },
  { json: false, level: 'off', minLevel: 'trace' },
  { json: true, level: 'auto', minLevel: 'trace' },
] as const

/** Of the one file, as the design has it: of container instance, file and stream. */
const FILE_KEY = 'uid/app/0/0123456789abcdef'
const digestOf = (stream: string) => createHash('sha256').update(`${FILE_KEY}\0${stream}`).digest('hex').slice(0, 16)

const clock = { now: () => Date.parse(NOW), monotonic: () => 0, sleep: () => Promise.resolve() }

/** The kernel beside its oracle, on lines that are made to part them. */
export class Differential {
  readonly #pipeline = new Pipeline({ maxLineBytes: MAX_LINE_BYTES, batches: 1 }, clock)
  readonly #builder = this.#pipeline.newBatch()
  readonly #input = this.#pipeline.input
  readonly #memory = Buffer.from(this.#builder.bytes.buffer)
  readonly #canaries = new Canaries(this.#memory.buffer)

  /** Where the kernel's own canaries stand: between its buffers. */
  readonly #gaps = placesOf(CANARY, this.#memory)

  /**
   * Plays so many hostile lines, and tells the entries of each round. Throws at the first one in which they are not those of the
   * oracle, and names its seed.
   */
  play(seed: number, lines: number, onEntries: (entries: string) => void = () => {}): void {
    for (let round = 0; round * LINES_PER_ROUND < lines; round += 1) onEntries(this.#playRound(seed + round))
  }

  #playRound(seed: number): string {
    const random = new Random(seed)
    const hostile = new HostileLines(seed, { hasTraces: seed % 5 < 3 })
    const bytes = Buffer.concat(Array.from({ length: LINES_PER_ROUND }, () => hostile.next()))
    const resource = `,"kubernetes":{"pod":"${'w'.repeat(random.below(300))}"}}\n`
    // In a third of the rounds no line is judged.
    const mode = MODES[seed % 3] ?? MODES[0]
    this.#pipeline.configure(mode)
    const hasIds = seed % 2 === 0
    const multiline = seed % 4 > 0
    const fixed = {
      maxLineBytes: MAX_LINE_BYTES,
      resource,
      time: NOW,
      json: mode.json,
      level: mode.level === 'auto',
      multiline,
    }
    const expected = entriesOf(bytes, { ...fixed, ...(hasIds && { digestOf }) })
    const program = loggyProgram(Buffer.from(resource), { hasIds })
    const lane = new Lane({ ref: someContainer }, program)
    lane.multiline = multiline ? 'auto' : 'off'
    const found = this.#encode(bytes, lane, random)
    const compared = multiline ? byStream : (entries: string) => [entries]
    const wanted = compared(expected)
    for (const [index, entries] of compared(found).entries())
      if (entries !== wanted[index]) assert.fail(`seed ${seed}: ${difference(entries, wanted[index] ?? '')}`)
    const changed = this.#gaps.filter((at) => !CANARY.equals(this.#memory.subarray(at, at + CANARY.length)))
    assert.deepEqual(changed, [], `seed ${seed}: a buffer was written past its end`)
    return found
  }

  /** In chunks and batches of random sizes, as reads and full batches make them. */
  #encode(bytes: Buffer, lane: Lane, random: Random): string {
    const file: LogFile = { path: '0.log', key: FILE_KEY }
    const chunkBytes = random.below(6) === 0 ? 1 + random.below(30) : 1 + random.below(40_000)
    let entries = ''
    let offset = 0
    for (let end = 0; offset < bytes.length; ) {
      end = Math.min(bytes.length, Math.max(end, offset) + 1 + random.below(chunkBytes))
      const chunk = { file, bytes: this.#read(bytes, offset, end), offset, isFinal: false }
      let encoded = this.#encodeInto(chunk, lane)
      // The next batch goes on with the same table, or what is left is read again.
      while (encoded.isBatchFull && random.below(3) > 0) {
        entries += this.#takeBatch(random)
        encoded = this.#encodeInto(chunk, lane)
      }
      offset += encoded.byteCount
      if (encoded.isBatchFull) end = offset
      if (encoded.isBatchFull || random.below(4) === 0) entries += this.#takeBatch(random)
    }
    while (!this.#pipeline.flushGroups(STREAM_NAMES, lane, this.#builder)) entries += this.#takeBatch(random)
    return entries + this.#takeBatch(random)
  }

  #encodeInto(chunk: Chunk, lane: Lane) {
    this.#placeCanaries(chunk.bytes)
    const encoded = this.#pipeline.encode(chunk, lane, this.#builder)
    this.#canaries.check()
    return encoded
  }

  #read(bytes: Buffer, start: number, end: number): Uint8Array {
    bytes.copy(this.#memory, this.#input.byteOffset, start, end)
    return this.#input.subarray(0, end - start)
  }

  /** The next batch begins anywhere near the end of its buffer, so that it is soon full. */
  #takeBatch(random: Random): string {
    const builder = this.#builder
    const { bytes, ends } = builder.seal()
    const entries = this.#memory.toString('utf8', bytes.byteOffset + this.#batchStart, bytes.byteOffset + bytes.length)
    const lines = lineEnds(bytes.subarray(this.#batchStart), ends.length)
    if (!ends.every((end, place) => end === (lines[place] as number) + this.#batchStart)) assert.deepEqual(ends, lines)
    builder.clear()
    this.#batchStart = random.below(2) === 0 ? 0 : BATCH_BYTES - random.below(40_000)
    // Only as many as are looked at: to fill the whole buffer each time took more than all else.
    builder.bytes.fill(0x2e, Math.max(0, this.#batchStart - CANARY_BYTES), this.#batchStart)
    builder.used = this.#batchStart
    return entries
  }

  #batchStart = 0

  /** Before and behind the chunk, before what the batch has and behind its buffer. */
  #placeCanaries(chunk: Uint8Array): void {
    const { bytes, used } = this.#builder
    this.#canaries.place(0, chunk.byteOffset - CANARY_BYTES)
    this.#canaries.place(1, chunk.byteOffset + chunk.length)
    this.#canaries.place(2, bytes.byteOffset + bytes.length)
    // Of a batch that has less, what is before its buffer is kept too.
    this.#canaries.place(3, bytes.byteOffset + used - CANARY_BYTES)
  }
}

/** Bytes of the kernel's memory that nothing may change. Word by word: calls into Node for a few bytes each took four times as long. */
class Canaries {
  readonly #memory: DataView
  readonly #copies = new Int32Array(4 * CANARY_WORDS)
  readonly #starts = new Int32Array(4)

  constructor(memory: ArrayBufferLike) {
    this.#memory = new DataView(memory)
  }

  /** The bytes from there on, as the one of four canaries. */
  place(canary: number, start: number): void {
    this.#starts[canary] = start
    for (let word = 0; word < CANARY_WORDS; word += 1)
      this.#copies[canary * CANARY_WORDS + word] = this.#memory.getInt32(start + word * 4, true)
  }

  check(): void {
    let changed = 0
    for (let canary = 0; canary < 4; canary += 1)
      for (let word = 0; word < CANARY_WORDS; word += 1)
        changed |=
          (this.#copies[canary * CANARY_WORDS + word] as number) ^
          this.#memory.getInt32((this.#starts[canary] as number) + word * 4, true)
    if (changed !== 0) assert.fail('bytes around a buffer were changed')
  }
}

/** Of the program, the input, scratch, the stages' bodies, what is redacted, two held bodies, of two groups five each, what is rendered, and of a batch its bytes and ends. */
const BUFFERS = 20

function placesOf(bytes: Buffer, memory: Buffer): number[] {
  const places: number[] = []
  for (let at = memory.indexOf(bytes); at >= 0; at = memory.indexOf(bytes, at + 1)) places.push(at)
  assert.equal(places.length, BUFFERS)
  return places
}

/** A line that waits for its follower may come behind a line of the other stream, or not, depending on the chunks. */
function byStream(entries: string): string[] {
  const streams = new Map(['stdout', 'stderr', 'unknown'].map((stream): [string, string[]] => [stream, []]))
  for (const line of entries.split('\n'))
    streams.get(/^\{(?:"id":"[^"]*",)?"time":"[^"]*","stream":"(\w+)"/.exec(line)?.[1] ?? '')?.push(line)
  return [...streams.values()].map((lines) => lines.join('\n'))
}

function difference(found: string, expected: string): string {
  let at = 0
  while (found[at] === expected[at]) at += 1
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 80), at + 80))
  return `at character ${at}\n${around(found)}\ninstead of\n${around(expected)}`
}
