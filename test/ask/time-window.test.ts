import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { TimeWindow } from '../../src/ask/time-window.ts'
import { ManualClock } from '../kube/support.ts'
import { entry } from '../support/fake-agent.ts'

test('brings what arrives within a fifth of a second into the order of the times, nanoseconds too', async (t) => {
  const { add, pass, shown } = setUp(t)
  add('d', '07:00:01.000000002Z')
  add('a', '07:00:00Z')
  await pass(150)
  add('b', '07:00:00.5Z')
  add('c', '07:00:01.000000001Z')
  await pass(50)
  assert.deepEqual(shown, ['a', 'b', 'c', 'd'])
})

test('keeps the order of arrival among lines of one time, and reads times of other zones', async (t) => {
  const { add, pass, shown } = setUp(t)
  add('c', '09:00:01.5+02:00')
  add('a', '07:00:01Z')
  add('b', '07:00:01Z')
  await pass(200)
  assert.deepEqual(shown, ['a', 'b', 'c'])
})

test('holds nothing back for longer than a quarter of a second, whatever else arrives', async (t) => {
  const { add, pass, shown } = setUp(t)
  add('first', '07:00:09Z')
  for (let index = 0; index < 5; index += 1) {
    await pass(50)
    add('later', '07:00:10Z')
  }
  assert.equal(shown[0], 'first')
})

test('what comes too late is shown out of order rather than not at all', async (t) => {
  const { add, pass, shown } = setUp(t)
  add('b', '07:00:02Z')
  await pass(200)
  add('a', '07:00:01Z')
  await pass(250)
  assert.deepEqual(shown, ['b', 'a'])
})

test('a line without a time is taken as of now', async (t) => {
  const { window, pass, lines } = setUp(t)
  void window.add(Buffer.from('no entry'))
  await pass(200)
  assert.deepEqual(lines, ['no entry'])
})

test('lets out everything at once, and lets nothing more in meanwhile, when it holds too much', async (t) => {
  const { window, pass, lines } = setUp(t)
  let isAdded = false
  const big = entry('x'.repeat(9 * 1024 * 1024))
  void window.add(Buffer.from(big)).then(() => {
    isAdded = true
  })
  assert.equal(isAdded, false)
  await pass(0)
  assert.deepEqual([lines.length, isAdded], [1, true])
})

function setUp(t: TestContext) {
  const clock = new ManualClock()
  const window = new TimeWindow(clock)
  const ending = new AbortController()
  t.after(() => ending.abort())
  const lines: string[] = []
  const shown: string[] = []
  const take = async () => {
    for await (const due of window.due(ending.signal)) {
      lines.push(...due.map(({ line }) => line.toString()))
      shown.push(...due.map(({ parsed }) => (parsed.kind === 'entry' ? parsed.entry.log : '')))
    }
  }
  void take()
  const add = (log: string, time: string) => void window.add(Buffer.from(entry(log, { time: `2026-11-22T${time}` })))
  const pass = async (milliseconds: number) => {
    await setImmediate()
    clock.advance(milliseconds)
    await setImmediate()
  }
  return { window, add, pass, lines, shown }
}
