import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { ByteRanges } from '../../src/lib/byte-ranges.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Settling } from '../../src/model/checkpoint.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import { BATCH_BYTES } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { Random } from '../../src/simulation/random.ts'
import { someContainer } from '../support/some-container.ts'
import { readTraces } from '../traces/traces.ts'

const STREAMS = ['stdout', 'stderr'] as const
const TRACES = readTraces()

/** A container's files, and the records that each stream's lines are. */
class WrittenLog {
  readonly files: Buffer[] = []
  readonly expected = { stdout: [] as string[], stderr: [] as string[] }

  constructor(random: Random) {
    const queues = STREAMS.map((stream) => {
      const { records } = random.pick(TRACES)
      // Each record is another one, so that one that is missing, or there for another, is seen.
      const named = records.map((lines, index) => [`${stream} ${index} begins`, ...lines.map(String)])
      this.expected[stream].push(...named.flatMap(([first = '', ...lines]) => [first, lines.join('\n')]))
      return named.flat()
    })
    const file: string[] = []
    while (queues.some((queue) => queue.length > 0)) {
      const index = random.below(2)
      const line = queues[index]?.shift()
      if (line !== undefined) file.push(this.#cri(line, STREAMS[index] ?? 'stdout', random))
      if (random.below(30) === 0 && file.length > 0) this.#rotate(file.splice(0))
    }
    this.#rotate(file)
  }

  #rotate(lines: string[]): void {
    this.files.push(Buffer.from(lines.join('')))
  }

  #cri(line: string, stream: string, random: Random): string {
    const at = random.below(5) === 0 ? random.below(line.length + 1) : 0
    const part = (tag: string, text: string) => `2026-11-29T07:00:00.5Z ${stream} ${tag} ${text}\n`
    return (at > 0 ? part('P', line.slice(0, at)) : '') + part('F', line.slice(at))
  }
}

interface Sent {
  readonly entries: readonly { readonly stream: 'stdout' | 'stderr'; readonly log: string }[]
  readonly positions: ReadonlyMap<LogFile, Settling>
}

const LIVES = 6

/** What an agent has in its n-th life: as new to each log, which has one of each, but not made anew for each, with 10 MB of memory. */
const agents = Array.from({ length: LIVES }, () => {
  const pipeline = new Pipeline({ maxLineBytes: 100_000, batches: 1 }, systemClock)
  return { pipeline, builder: pipeline.newBatch() }
})

/** One run of an agent: reads the files from where they are settled, until it is killed. */
function run(
  { pipeline, builder }: (typeof agents)[number],
  log: WrittenLog,
  { files, random, isLast }: { readonly files: readonly LogFile[]; readonly random: Random; readonly isLast: boolean },
): Sent[] {
  const lane = Object.assign(new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n'))), {
    multiline: 'auto' as const,
  })
  builder.clear()
  const sent: Sent[] = []
  let start = 0
  const send = () => {
    const text = Buffer.from(builder.bytes.subarray(start, builder.used)).toString()
    const entries =
      text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
    sent.push({ entries, positions: new Map(builder.positions) })
    builder.clear()
    // Nearly full, so that it is full between two records of a table.
    start = random.below(2) === 0 ? 0 : BATCH_BYTES - 200 - random.below(3000)
    builder.used = start
  }
  let isRead = true
  for (const [index, file] of files.entries()) {
    const bytes = log.files[index] ?? Buffer.alloc(0)
    const { stdout, stderr } = file.settled ?? { stdout: ByteRanges.none, stderr: ByteRanges.none }
    const [settled, size] = [Math.min(stdout.head, stderr.head), bytes.length]
    if (isRead && settled === size) continue
    let offset = isRead ? settled : 0
    isRead = false
    for (let end = offset; offset < size; ) {
      if (!isLast && random.below(60) === 0) return sent
      end = Math.min(size, Math.max(end, offset) + 1 + random.below(random.below(2) === 0 ? 60 : 2000))
      const chunk = { file, bytes: bytes.subarray(offset, end), offset, isFinal: end === size }
      const { byteCount, isBatchFull } = pipeline.encode(chunk, lane, builder)
      offset += byteCount
      if (isBatchFull) end = offset
      if (isBatchFull || random.below(5) === 0) send()
    }
  }
  while (isLast && !pipeline.flushHeld(lane, builder)) send()
  send()
  return sent
}

test('whatever is acked before a kill, each record of several lines arrives whole, and none in two parts', () => {
  for (let seed = 0; seed < 150; seed += 1) {
    const random = new Random(seed)
    const log = new WrittenLog(random)
    const none = { stdout: ByteRanges.none, stderr: ByteRanges.none }
    let files: LogFile[] = log.files.map((_, index) => ({ path: `${index}.log`, key: `${index}`, settled: none }))
    const arrived = { stdout: new Set<string>(), stderr: new Set<string>() }
    for (const [life, agent] of agents.entries()) {
      const isLast = life === LIVES - 1
      const sent = run(agent, log, { files, random, isLast })
      const acked = sent.filter(() => isLast || random.below(3) > 0)
      for (const { entries } of acked) for (const { stream, log: text } of entries) arrived[stream].add(text)
      const settledOf = ({ path, settled = none }: LogFile, stream: 'stdout' | 'stderr') =>
        acked
          .flatMap(({ positions }) => [...positions].filter(([file]) => file.path === path))
          .reduce((set, [, settling]) => set.with(settling[stream]), settled[stream])
      files = files.map((file) => ({
        ...file,
        settled: { stdout: settledOf(file, 'stdout'), stderr: settledOf(file, 'stderr') },
      }))
    }
    for (const stream of STREAMS)
      assert.deepEqual([...arrived[stream]].sort(), [...new Set(log.expected[stream])].sort(), `seed ${seed}`)
  }
})
