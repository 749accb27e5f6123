import type { Batch } from '../../src/model/batch.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { Program } from '../../src/model/program.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { type JudgeOptions, Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

/** When the lines are read. */
export const NOW = '2026-11-25T12:00:00.123Z'

const clock = { now: () => Date.parse(NOW), monotonic: () => 0, sleep: () => Promise.resolve() }

/** What a program makes of these lines, and how many bytes of them are done. */
export function batchOf(
  lines: Buffer,
  program: Program,
  judge: JudgeOptions = { json: false, level: 'off', minLevel: 'trace' },
): { readonly byteCount: number; readonly batch: Batch } {
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, clock)
  pipeline.configure(judge)
  const builder = pipeline.newBatch()
  const lane = new Lane(someContainer, program)
  const file: LogFile = { path: '0.log', key: 'uid/app/0/0123456789abcdef' }
  const { byteCount } = pipeline.encode({ file, bytes: lines, offset: 0, isFinal: false }, lane, builder)
  builder.count(lane, builder.entryCount)
  return { byteCount, batch: builder.seal() }
}
