import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { BATCH_BYTES } from '../../src/pipeline/batch-builder.ts'
import type { LaneOwner } from '../../src/pipeline/lane.ts'
import { type KnownPod, Lanes } from '../../src/pipeline/lanes.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'

const time = '2026-11-22T07:00:00.5Z'
const cri = (tag: string, body: string) => `${time} stdout ${tag} ${body}\n`
const MINUTE_MS = 60_000
const pod = { labels: { app: 'web' } } as unknown as PodRecord

/** The lanes of one log, and a clock to be turned by hand. */
function setUp({ maxLineBytes = 1000 }: { readonly maxLineBytes?: number } = {}) {
  let nowMs = 0
  const clock = { now: () => 0, monotonic: () => nowMs, sleep: () => Promise.resolve() }
  const pipeline = new Pipeline({ maxLineBytes, batches: 1 }, clock)
  const around = { node: 'node-1', namespaceLabels: undefined, nodeLabels: undefined }
  let known: KnownPod = { pod: undefined, around }
  const learn = (pod: PodRecord | undefined) => {
    known = { pod, around }
    lanes.reconsider()
  }
  const lanes = new Lanes(
    {
      resourceOf: (_ref, pod) => ({ fields: {}, kubernetes: pod === undefined ? {} : { labels: pod.labels } }),
      hasIds: false,
      redactOf: () => ({ presets: 0, rule: '' }),
      multilineOf: () => ({ multiline: 'auto', rule: '' }),
    },
    {
      compile: compileLoggy,
      compileOwn: compileLoggy,
      pipeline,
      clock,
      lookUp: () => known,
      samples: { bucketOf: () => undefined, ruleOf: () => '' },
      partitionOf: () => '',
    },
  )
  const ref = { namespace: 'n', pod: 'p', container: 'c', uid: 'u', restartCount: 0, containerID: undefined }
  const owner = { ref }
  const builder = pipeline.newBatch()
  const read = (text: string, file: LogFile = { path: '0.log' }) =>
    lanes.encode(lanes.of(owner), { file, bytes: Buffer.from(text), offset: 0, isFinal: false }, builder)
  const pass = (milliseconds: number) => {
    nowMs += milliseconds
    return lanes.flush(() => builder)
  }
  const entries = () => {
    const lines = Buffer.from(builder.seal().bytes).toString().trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as { log: string; partial?: true; lost?: object; kubernetes: object })
  }
  const told = () => entries().map(({ log, partial, lost }) => (lost ? 'lost' : partial ? `${log} (partial)` : log))
  return { lanes, owner, builder, read, pass, entries, told, learn }
}

describe('the beginning of a line', () => {
  test('goes out flagged when its end does not come, and so does the end when it comes after all', () => {
    const { lanes, owner, read, pass, told } = setUp()
    read(cri('P', 'beginning'))
    lanes.caughtUp(owner)
    pass(MINUTE_MS + 1)
    read(cri('P', ' middle') + cri('F', ' end') + cri('F', 'next'))
    assert.deepEqual(told(), ['beginning (partial)', ' middle end (partial)', 'next'])
  })

  test('waits as long as there is more to read, however long the destination takes nothing', () => {
    const { read, pass, told } = setUp()
    read(cri('P', 'beginning '))
    pass(10 * MINUTE_MS)
    read(cri('F', 'end'))
    assert.deepEqual(told(), ['beginning end'])
  })

  test('is joined to nothing that comes after a loss', () => {
    const { lanes, owner, read, pass, told } = setUp()
    read(cri('F', 'whole') + cri('P', 'beginning'))
    lanes.lose(owner, { bytes: 10, reason: 'a test', file: undefined, isSuspected: false })
    pass(0)
    read(cri('F', 'of another line') + cri('F', 'next'))
    assert.deepEqual(told(), ['whole', 'beginning (partial)', 'lost', 'of another line (partial)', 'next'])
  })

  test('goes out flagged when its log has ended', () => {
    const { lanes, owner, read, pass, told } = setUp()
    read(cri('P', 'last words'))
    lanes.end(owner)
    assert.equal(
      lanes.hasPending(() => true),
      true,
    )
    pass(0)
    assert.deepEqual(told(), ['last words (partial)'])
    assert.equal(
      lanes.hasPending(() => true),
      false,
    )
  })
})

describe('the beginning of a line, when its log has ended', () => {
  for (const [what, later, labels] of [
    ['has the newest metadata', { labels: { app: 'new' } }, { app: 'new' }],
    ['keeps its metadata if the pod is forgotten', undefined, pod.labels],
  ] as const)
    test(what, () => {
      const { lanes, owner, read, pass, entries, learn } = setUp()
      learn(pod)
      read(cri('P', 'beginning'))
      learn(later as PodRecord | undefined)
      lanes.end(owner)
      pass(0)
      assert.deepEqual(entries()[0]?.kubernetes, { labels })
    })
})

describe('the beginning of a line, of a pod that becomes known', () => {
  for (const [what, end] of [
    ['once its log has ended', (lanes: Lanes, owner: LaneOwner) => lanes.end(owner)],
    ['once its end does not come', (lanes: Lanes, owner: LaneOwner) => lanes.caughtUp(owner)],
  ] as const)
    test(`has its metadata ${what}`, () => {
      const { lanes, owner, read, pass, entries, learn } = setUp()
      read(cri('P', 'beginning'))
      learn(pod)
      end(lanes, owner)
      pass(MINUTE_MS + 1)
      assert.deepEqual(
        entries().map(({ log, kubernetes }) => [log, kubernetes]),
        [['beginning', { labels: { app: 'web' } }]],
      )
    })
})

test('a log whose pod is forgotten keeps its metadata, in later lines and in what waits', () => {
  const { lanes, owner, read, pass, entries, learn } = setUp()
  learn(pod)
  read(cri('F', 'before'))
  learn(undefined)
  read(cri('F', 'after') + cri('P', 'beginning'))
  lanes.caughtUp(owner)
  pass(MINUTE_MS + 1)
  const { labels } = pod
  assert.deepEqual(
    entries().map(({ log, kubernetes }) => [log, kubernetes]),
    ['before', 'after', 'beginning'].map((log) => [log, { labels }]),
  )
})

describe('a log that another one goes on with', () => {
  for (const canRead of [true, false])
    test(`${canRead ? 'keeps back' : 'delivers, flagged,'} the beginning of a line in a file that the other one ${canRead ? 'has' : 'has not'}`, () => {
      const { lanes, owner, builder, read, pass, told } = setUp()
      read(cri('F', 'whole') + cri('P', 'beginning'))
      const asks: (() => boolean)[] = []
      lanes.leave(owner, { canRead: () => canRead, left: (ask) => void asks.push(ask) })
      pass(0)
      assert.equal(asks[0]?.(), false)
      assert.deepEqual(told(), canRead ? ['whole'] : ['whole', 'beginning (partial)'])
      builder.countDelivered()
      assert.equal(asks[0]?.(), true)
    })

  test('keeps back what is held of one stream, though the other one has begun in a file that is gone', () => {
    const { lanes, owner, builder, read, pass, told } = setUp()
    const gone: LogFile = { path: '0.log.1', key: 'gone' }
    const there: LogFile = { path: '0.log', key: 'there' }
    const begun = cri('P', 'begun').replace('stdout', 'stderr')
    read(begun, gone)
    read(cri('F', 'whole') + cri('P', 'beginning'), there)
    const asks: (() => boolean)[] = []
    lanes.leave(owner, { canRead: (file) => file === there, left: (ask) => void asks.push(ask) })
    pass(0)
    assert.deepEqual(told(), ['whole', 'begun (partial)'])
    const { stdout, stderr } = builder.positions.get(there) ?? {}
    assert.equal(stdout?.to, cri('F', 'whole').length)
    assert.equal(stderr?.to, cri('F', 'whole').length + cri('P', 'beginning').length)
    builder.countDelivered()
    assert.equal(asks[0]?.(), true)
  })

  test('has nothing to wait for if nothing was read of it', () => {
    const { lanes, owner } = setUp()
    const asks: (() => boolean)[] = []
    lanes.leave(owner, { canRead: () => true, left: (ask) => void asks.push(ask) })
    assert.equal(asks[0]?.(), true)
  })
})

describe('a loss', () => {
  test('settles what was read of its file once it is told, the part that was held included', () => {
    const { lanes, owner, builder, read, pass } = setUp()
    const begun = cri('P', 'beginning')
    const file: LogFile = { path: '0.log', key: 'key', end: begun.length }
    read(begun, file)
    assert.deepEqual(builder.positions.get(file)?.stdout, { from: 0, to: 0 })
    lanes.lose(owner, { bytes: 100, reason: 'a test', file, isSuspected: false })
    pass(0)
    const all = { from: 0, to: begun.length }
    assert.deepEqual(builder.positions.get(file), { stdout: all, stderr: all })
  })

  test('of a file that was never read tells the ack of its end', () => {
    const { lanes, owner, builder, pass } = setUp()
    const file: LogFile = { path: '0.log', key: 'key', end: 70 }
    lanes.lose(owner, { bytes: 100, reason: 'a test', file, isSuspected: false })
    pass(0)
    const nothing = { from: 70, to: 70 }
    assert.deepEqual(builder.positions.get(file), { stdout: nothing, stderr: nothing })
  })

  test('is told before what is read behind it, of which it ends nothing', () => {
    const { lanes, owner, builder, read, pass, told } = setUp()
    read(cri('P', 'beginning'))
    lanes.lose(owner, { bytes: 10, reason: 'a test', file: undefined, isSuspected: false })
    builder.used = BATCH_BYTES - 100
    const next: LogFile = { path: '0.log' }
    const trace = cri('F', 'Error: x') + cri('F', '    at f (x.js:1:2)')
    assert.deepEqual(read(trace, next), { byteCount: 0, isBatchFull: true })
    builder.clear()
    assert.equal(read(trace, next).byteCount, trace.length)
    pass(0)
    read(cri('F', '    at g (x.js:3:4)') + cri('F', 'next'))
    assert.deepEqual(told(), [
      'beginning (partial)',
      'lost',
      'Error: x (partial)',
      '    at f (x.js:1:2)\n    at g (x.js:3:4)',
      'next',
    ])
  })

  test('that a full batch has no room for is told in the next one', () => {
    const { lanes, owner, builder, pass, told } = setUp()
    lanes.lose(owner, { bytes: undefined, reason: 'a test', file: undefined, isSuspected: false })
    builder.used = BATCH_BYTES - 100
    assert.equal(pass(0), false)
    assert.equal(
      lanes.hasPending(() => true),
      true,
    )
    builder.clear()
    assert.equal(pass(0), true)
    assert.deepEqual(told(), ['lost'])
  })
})

test('a corrupt line with hundreds of digits never writes past the end of a batch', () => {
  const { builder, read } = setUp()
  for (let room = 400; room < 3000; room += 10) {
    builder.clear()
    builder.used = BATCH_BYTES - room
    for (const digits of [10, 500, 900]) read(`2026-01-01T00:00:00.${'1'.repeat(digits)}Z stdout F x\n`)
    assert.ok(builder.used <= BATCH_BYTES)
  }
})

test('counters balance through partials, losses and unfinished lines', () => {
  const { lanes, owner, read, pass } = setUp()
  read(`${cri('F', 'a') + cri('P', 'b')}malformed\n`)
  lanes.lose(owner, { bytes: 1, reason: 'a test', file: undefined, isSuspected: false })
  pass(0)
  read(cri('F', 'c') + cri('P', 'd'))
  lanes.caughtUp(owner)
  pass(MINUTE_MS + 1)
  read(cri('F', 'e'))
  const { counters } = lanes.of(owner)
  const { lines, repeated, joined, entries, unfinished, losses } = counters
  assert.equal(lines, 6)
  assert.equal(lines, repeated + joined + entries - unfinished - losses)
})

test('totals count lanes that have ended, before and after their last entries are acked', () => {
  const { lanes, owner, builder, read, pass } = setUp()
  read(cri('F', 'a') + cri('P', 'last words'))
  assert.deepEqual([lanes.totals().lines, lanes.totals().entries], [2, 1])
  lanes.end(owner)
  assert.deepEqual([lanes.totals().lines, lanes.totals().entries], [2, 1])
  pass(0)
  assert.deepEqual([lanes.totals().entries, lanes.totals().delivered], [2, 0])
  builder.countDelivered()
  assert.deepEqual([lanes.totals().entries, lanes.totals().delivered], [2, 2])
  builder.clear()
  read(cri('F', 'of a successor'))
  const { lines, entries, joined, unfinished } = lanes.totals()
  assert.deepEqual({ lines, entries, joined, unfinished }, { lines: 3, entries: 3, joined: 1, unfinished: 1 })
  assert.equal(lanes.pathOnlyEntries, 3)
})

describe('a line that may have a follower', () => {
  const error = cri('F', 'java.lang.Error: x')
  const frame = cri('F', '\tat a.B.c(B.java:1)')

  test('waits a second from the last line of its record on, and no other line waits', () => {
    const { lanes, owner, builder, read, pass, told } = setUp()
    assert.equal(lanes.groupsDueInMs(owner), undefined)
    read(cri('F', 'usual'))
    assert.equal(lanes.groupsDueInMs(owner), undefined)
    read(error)
    pass(900)
    assert.equal(lanes.groupsDueInMs(owner), 100)
    read(frame)
    assert.equal(lanes.groupsDueInMs(owner), 1000)
    lanes.endGroups(owner, builder)
    assert.deepEqual(told(), ['usual'])
    pass(1000)
    lanes.endGroups(owner, builder)
    assert.deepEqual(told(), ['usual', 'java.lang.Error: x\n\tat a.B.c(B.java:1)'])
    assert.equal(lanes.groupsDueInMs(owner), undefined)
  })

  test('goes out when its log has ended, and before a loss', () => {
    for (const end of ['end', 'lose'] as const) {
      const { lanes, owner, read, pass, told } = setUp()
      read(error + frame)
      if (end === 'end') lanes.end(owner)
      else lanes.lose(owner, { bytes: 10, reason: 'a test', file: undefined, isSuspected: false })
      pass(0)
      const expected = ['java.lang.Error: x\n\tat a.B.c(B.java:1)', ...(end === 'lose' ? ['lost'] : [])]
      assert.deepEqual(told(), expected)
    }
  })

  test('is let go when those of all logs need more than 16 MiB, the one that waits longest first', () => {
    const { lanes, owner, builder, told } = setUp({ maxLineBytes: 1 << 20 })
    const long = error + cri('F', `\tat a.B.${'c'.repeat(500)}(B.java:1)`).repeat(400)
    const owners = Array.from({ length: 100 }, () => ({ ref: owner.ref }))
    for (const one of owners) {
      lanes.encode(
        lanes.of(one),
        { file: { path: '0.log' }, bytes: Buffer.from(long), offset: 0, isFinal: false },
        builder,
      )
      while (!lanes.easeGroups(() => builder)) builder.clear()
    }
    const waiting = owners.map((one) => lanes.groupsDueInMs(one) !== undefined)
    const first = waiting.indexOf(true)
    assert.ok(first > 0)
    assert.ok(waiting.slice(first).every(Boolean))
    assert.ok((100 - first) * 200_000 <= 16 * 1024 * 1024)
    assert.ok(told().length > 0)
  })

  test('has the metadata that is known when it is let go', () => {
    const { lanes, owner, builder, entries, learn } = setUp({ maxLineBytes: 1 << 20 })
    const bytes = Buffer.from(error + cri('F', `\tat a.B.${'c'.repeat(500)}(B.java:1)`).repeat(400))
    const wait = (one: LaneOwner) =>
      lanes.encode(lanes.of(one), { file: { path: '0.log' }, bytes, offset: 0, isFinal: false }, builder)
    wait(owner)
    learn(pod)
    while (lanes.groupsDueInMs(owner) !== undefined) {
      wait({ ref: owner.ref })
      lanes.easeGroups(() => builder)
    }
    assert.deepEqual(entries()[0]?.kubernetes, { labels: pod.labels })
    assert.equal(lanes.pathOnlyEntries, 0)
  })
})
