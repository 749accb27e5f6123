import type { Batch } from '../../src/model/batch.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { Program } from '../../src/model/program.ts'
import { BatchBuilder } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { type JudgeOptions, Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

/** When the lines are read. */
export const NOW = '2026-11-25T12:00:00.123Z'

const clock = { now: () => Date.parse(NOW), monotonic: () => 0, sleep: () => Promise.resolve() }

/** One for all calls: each has 10 MB of memory, and after every fifth of them V8 collects the whole process. */
const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, clock)
const { output } = pipeline.newBatch()

/** What a program makes of these lines, and how many bytes of them are done. */
export function batchOf(
  lines: Buffer,
  program: Program,
  judge: JudgeOptions = { json: false, level: 'off', minLevel: 'trace' },
): { readonly byteCount: number; readonly batch: Batch } {
  pipeline.configure(judge)
  const builder = new BatchBuilder(output)
  const lane = new Lane({ ref: someContainer }, program)
  const file: LogFile = { path: '0.log', key: 'uid/app/0/0123456789abcdef' }
  const { byteCount } = pipeline.encode({ file, bytes: lines, offset: 0, isFinal: false }, lane, builder)
  builder.count(lane, builder.entryCount)
  const batch = builder.seal()
  return { byteCount, batch: { ...batch, bytes: Uint8Array.from(batch.bytes), ends: batch.ends.slice() } }
}
