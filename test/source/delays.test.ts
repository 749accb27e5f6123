import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bucket, UNLIMITED } from '../../src/lib/bucket.ts'
import { Delays } from '../../src/source/delays.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'
import { someContainer } from '../support/some-container.ts'

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

/** Logs `a` and `b` with a budget of 10 lines/s and as many bytes as said, and `c` without one. */
function setUp({ bytesPerSecond = Infinity, burstMs = 1000 } = {}) {
  const clock = handTurnedClock()
  const woken: string[] = []
  const logs = new Map(
    ['a', 'b', 'c'].map((name) => [name, { ref: { ...someContainer, container: name }, name, yields: false }]),
  )
  const buckets = new Map(
    ['a', 'b'].map((name) => [name, new Bucket({ ...UNLIMITED, linesPerSecond: 10, bytesPerSecond }, burstMs)]),
  )
  const delays = new Delays<{ ref: typeof someContainer; name: string; yields: boolean }>({
    clock,
    bucketOf: ({ container }) => buckets.get(container),
    wake: ({ name }) => woken.push(name),
  })
  const logOf = (name: string) => logs.get(name) ?? assert.fail()
  /** Reads as much of the text as there is a budget for. */
  const read = (name: string, text: string) => {
    delays.holdsBack(logOf(name))
    const chunk = { file: { path: '0.log' }, bytes: Buffer.from(text), offset: 0, isFinal: true }
    const { bytes, isFinal } = delays.limit(logOf(name), chunk)
    return { text: textOf(bytes), isFinal, isCut: delays.spend(logOf(name), bytes.length) }
  }
  return { clock, woken, delays, buckets, logOf, read }
}

describe('a log with a budget', () => {
  test('is read as far as that goes, line by line, and then waits until there is enough for a second', async () => {
    const { clock, woken, delays, logOf, read } = setUp()
    const a = logOf('a')
    assert.equal(delays.holdsBack(a), false)
    assert.deepEqual(read('a', 'x\n'.repeat(25)), { text: 'x\n'.repeat(10), isFinal: false, isCut: true })
    assert.equal(delays.holdsBack(a), true)
    await clock.pass(900)
    assert.deepEqual([woken, delays.holdsBack(a)], [[], true])
    await clock.pass(200)
    assert.deepEqual([woken, delays.holdsBack(a), delays.size], [['a'], false, 0])
    assert.ok(delays.waitedSeconds >= 1)
  })

  test('gets one line at least, however long it is, and pays for it later', async () => {
    const { clock, woken, delays, logOf, read } = setUp({ bytesPerSecond: 10 })
    const long = `${'x'.repeat(29)}\n`
    assert.deepEqual(read('a', `${long}next\n`), { text: long, isFinal: false, isCut: true })
    assert.equal(delays.holdsBack(logOf('a')), true)
    await clock.pass(2900)
    assert.deepEqual(woken, [])
    await clock.pass(200)
    assert.deepEqual(woken, ['a'])
  })

  test('is given a chunk whole that has no more than that, or no end of a line', () => {
    const { read } = setUp({ bytesPerSecond: 10 })
    assert.deepEqual(read('a', 'x\nx\n'), { text: 'x\nx\n', isFinal: true, isCut: false })
    assert.deepEqual(read('b', 'x'.repeat(50)), { text: 'x'.repeat(50), isFinal: true, isCut: false })
    assert.deepEqual(read('c', 'x\n'.repeat(50)).isCut, false)
  })

  test('is read without regard to it where it yields, and owes nothing afterwards', () => {
    const { delays, logOf, read } = setUp()
    const a = logOf('a')
    read('a', 'x\n'.repeat(10))
    assert.equal(delays.holdsBack(a), true)
    a.yields = true
    assert.deepEqual([delays.holdsBack(a), delays.size], [false, 0])
    assert.equal(read('a', 'x\n'.repeat(1000)).isCut, false)
    a.yields = false
    assert.deepEqual([delays.holdsBack(a), delays.holdsBack(logOf('b'))], [true, false])
  })

  test('is woken together with others, by one timer that is not there while nobody waits', async () => {
    const { clock, woken, delays, logOf, read } = setUp()
    let sleeps = 0
    const { sleep } = clock
    Object.assign(clock, {
      sleep: (...args: Parameters<typeof sleep>) => {
        sleeps += 1
        return sleep(...args)
      },
    })
    read('a', 'x\n'.repeat(10))
    delays.holdsBack(logOf('a'))
    await clock.pass(30)
    read('b', 'x\n'.repeat(10))
    delays.holdsBack(logOf('b'))
    await clock.pass(1100)
    assert.deepEqual(woken, ['a', 'b'])
    const before = sleeps
    assert.deepEqual([delays.holdsBack(logOf('a')), delays.holdsBack(logOf('b'))], [false, false])
    await clock.pass(1e6)
    assert.deepEqual([sleeps, woken.length], [before, 2])
  })

  test('is woken when it has no budget any more', async () => {
    const { clock, woken, delays, buckets, logOf, read } = setUp({ bytesPerSecond: 10 })
    read('a', `${'x'.repeat(99_999)}\n`)
    assert.equal(delays.holdsBack(logOf('a')), true)
    await clock.pass(5000)
    delays.lookAgain(logOf('a'))
    assert.deepEqual(woken, [])
    buckets.delete('a')
    delays.lookAgain(logOf('a'))
    assert.deepEqual(woken, ['a'])
  })
})
