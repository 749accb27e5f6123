import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import type { Stage } from '../../src/pipeline/stage.ts'
import { someContainer } from '../support/some-container.ts'

// Stages as CONTRIBUTING.md has them: one file each, and nothing else.

/** Hides numbers of cards. */
const redact: Stage = {
  annotate: (table, from, to) => {
    for (let index = from; index < to; index += 1) {
      const text = Buffer.from(table.bodyOf(index)).toString()
      const hidden = text.replaceAll(/\b\d{16}\b/g, 'card')
      if (hidden !== text && !table.replaceBody(index, Buffer.from(hidden))) return index
    }
    return to
  },
}

/** Leaves out what says that it does not matter. */
const quiet: Stage = {
  annotate: (table, from, to) => {
    for (let index = from; index < to; index += 1) {
      if (Buffer.from(table.bodyOf(index)).includes('never mind')) table.drop(index)
    }
    return to
  },
}

/** Puts a text in the place of each body. */
const replace = (text: Buffer): Stage => ({
  annotate: (table, from, to) => {
    for (let index = from; index < to; index += 1) if (!table.replaceBody(index, text)) return index
    return to
  },
})

const time = '2026-11-22T07:00:00.5Z'
const cri = (tag: string, body: string) => `${time} stdout ${tag} ${body}\n`
const docker = (log: string) => `${JSON.stringify({ log, stream: 'stdout', time })}\n`

function encode(text: string, stages: readonly Stage[], maxLineBytes = 1000) {
  const pipeline = new Pipeline({ maxLineBytes, batches: 1, stages }, systemClock)
  const builder = pipeline.newBatch()
  const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n')))
  const chunk = { file: { path: '0.log' }, bytes: Buffer.from(text), offset: 0, isFinal: true }
  const entries: { log: string; truncated?: true; originalBytes?: number }[] = []
  for (let isBatchFull = true; isBatchFull; builder.clear()) {
    isBatchFull = pipeline.encode(chunk, lane, builder).isBatchFull
    const lines = Buffer.from(builder.seal().bytes).toString().split('\n').slice(0, -1)
    entries.push(...lines.map((line) => JSON.parse(line)))
  }
  return { entries, logs: entries.map(({ log }) => log), counters: lane.counters }
}

test('a stage replaces and drops records: joined, decoded, of any format', () => {
  const text =
    cri('F', 'paid with 1234567812345678 today') +
    cri('P', 'in two parts 12345678') +
    cri('F', '12345678') +
    docker('of docker "1234567812345678"\n') +
    cri('F', 'never mind this') +
    cri('P', 'never') +
    cri('F', ' mind 1234567812345678') +
    cri('F', 'last')
  const { logs, counters } = encode(text, [redact, quiet])
  assert.deepEqual(logs, ['paid with card today', 'in two parts card', 'of docker "card"', 'last'])
  assert.deepEqual([counters.lines, counters.joined, counters.filtered, counters.entries], [8, 2, 2, 4])
})

test('a body that a stage made is cut when it is too long', () => {
  const { entries } = encode(cri('F', 'x'), [replace(Buffer.from('0123456789€'))], 12)
  assert.deepEqual(entries[0], { time, stream: 'stdout', log: '0123456789', truncated: true, originalBytes: 13 })
})

test('bodies that have no room together are rendered in several windows, each once, over batches', () => {
  const body = 'y'.repeat(300_000)
  const { logs, counters } = encode(
    Array.from({ length: 50 }, () => cri('F', 'x')).join(''),
    [replace(Buffer.from(body))],
    400_000,
  )
  assert.equal(logs.length, 50)
  assert.ok(logs.every((log) => log === body))
  assert.deepEqual([counters.lines, counters.entries], [50, 50])
})
