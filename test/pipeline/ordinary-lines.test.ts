import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { Random } from '../../src/simulation/random.ts'
import { someContainer } from '../support/some-container.ts'
import { ordinaryLines } from '../traces/ordinary-lines.ts'

const LINES = 1_000_000

test('of a million ordinary lines, whatever errors they tell of, none is joined to another', () => {
  const pipeline = new Pipeline({ maxLineBytes: 100_000, batches: 1 }, systemClock)
  const lane = Object.assign(new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n'))), {
    multiline: 'auto' as const,
  })
  const batch = pipeline.newBatch()
  const joined = new Set<string>()
  let offset = 0
  const read = (lines: readonly string[]) => {
    const bytes = Buffer.from(lines.map((line) => `2026-11-29T07:00:00.5Z stdout F ${line}\n`).join(''))
    for (let done = 0; done < bytes.length; ) {
      const chunk = { file: { path: '0.log' }, bytes: bytes.subarray(done), offset: offset + done, isFinal: false }
      done += pipeline.encode(chunk, lane, batch).byteCount
      if (lane.counters.groups > 0) {
        const text = Buffer.from(batch.bytes.subarray(0, batch.used)).toString()
        for (const entry of text.match(/.*"lines":\d+\}$/gm) ?? []) joined.add(entry)
      }
      batch.clear()
    }
    offset += bytes.length
  }
  const some: string[] = []
  for (const line of ordinaryLines(new Random(19), LINES)) {
    if (some.push(line) === 2000) read(some.splice(0))
  }
  read(some)
  pipeline.flushHeld(lane, batch)
  assert.deepEqual([...joined].slice(0, 20), [])
  assert.equal(lane.counters.groups, 0)
  assert.ok(lane.counters.lines >= LINES)
})
