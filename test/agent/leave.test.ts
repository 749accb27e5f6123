import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Leave } from '../../src/agent/leave.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { ManualClock, RecordingLog } from '../kube/support.ts'
import { podWith } from '../support/pod.ts'

/** Milliseconds. */
const GRACE = 45_000
const LOOK = 500
const QUIET = 1000

const running = new Map([
  ['app', { kind: 'container', image: 'x', containerID: 'a', restartCount: 0, isRunning: true }],
] as const)
const podOf = (name: string, change: Partial<PodRecord> = {}) =>
  podWith({}, { uid: name, name, containers: running, ...change })
const own = podOf('loggy')

/** A node with that many pods besides the agent's, all running, each with a log that has unread lines. */
function setUp({ count = 3, graceMs = GRACE, hurry = () => undefined as Promise<void> | undefined } = {}) {
  const clock = new ManualClock()
  const log = new RecordingLog()
  const pods = new Map(
    [own, ...Array.from({ length: count }, (_, number) => podOf(`p${number}`))].map((pod) => [pod.name, pod]),
  )
  const known = new Map(pods)
  const read = new Set<string>()
  const state = { isWatching: true, isOwnKnown: true, isGoing: false }
  const refOf = (pod: string): ContainerRef => {
    return { namespace: 'shop', pod, container: 'app', uid: pod, restartCount: 0, containerID: undefined }
  }
  const leave = new Leave({
    graceMs,
    hurry,
    pods: () => pods.values(),
    nodeState: () => (state.isGoing ? 'going' : undefined),
    isWatching: () => state.isWatching,
    isOwn: ({ name }) => state.isOwnKnown && name === 'loggy',
    find: ({ pod }) => known.get(pod),
    logs: () =>
      [...known.keys()].filter((pod) => pod !== 'loggy').map((pod) => ({ ref: refOf(pod), isRead: read.has(pod) })),
    clock,
    log,
  })
  const set = (name: string, change: Partial<PodRecord>) => {
    const pod = { ...podOf(name), ...change }
    pods.set(name, pod)
    known.set(name, pod)
  }
  const end = (...names: string[]) => {
    for (const name of names) set(name, { endingSince: 'T' })
  }
  return { clock, log, leave, pods, read, state, set, end }
}

describe('where the agent alone is ended', () => {
  test('it looks for half a second whether others end too', () => {
    const { clock, leave } = setUp()
    assert.equal(leave.isOver(), false)
    clock.advance(LOOK - 1)
    assert.equal(leave.isOver(), false)
    clock.advance(1)
    assert.equal(leave.isOver(), true)
    assert.equal(leave.leftMs, undefined)
  })

  test('it looks no longer because another pod ends too, and longer only while more do', () => {
    const { clock, leave, end } = setUp({ count: 9 })
    end('p0')
    assert.equal(leave.isOver(), false)
    clock.advance(LOOK - 100)
    end('p1')
    assert.equal(leave.isOver(), false)
    clock.advance(LOOK - 1)
    assert.equal(leave.isOver(), false)
    clock.advance(1)
    assert.equal(leave.isOver(), true)
  })

  test('it ends at once if it would not hear of others, does not know its own pod, or has no grace', () => {
    for (const change of [{ isWatching: false }, { isOwnKnown: false }]) {
      const { leave, state } = setUp()
      Object.assign(state, change)
      assert.equal(leave.isOver(), true)
    }
    const { leave, end } = setUp({ graceMs: 0 })
    end('p0', 'p1', 'p2')
    assert.equal(leave.isOver(), true)
  })
})

describe('where it has to be asked which pods end', () => {
  test('it waits for the answer, and then half a second', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { clock, leave } = setUp({ hurry: () => promise })
    clock.advance(9000)
    assert.equal(leave.isOver(), false)
    resolve()
    await promise
    assert.equal(leave.isOver(), false)
    clock.advance(LOOK - 1)
    assert.equal(leave.isOver(), false)
    clock.advance(1)
    assert.equal(leave.isOver(), true)
  })

  test('that time is part of its grace, with which it also ends', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { clock, leave, end } = setUp({ hurry: () => promise })
    end('p0', 'p1')
    clock.advance(GRACE - 1)
    assert.equal(leave.isOver(), false)
    resolve()
    await promise
    assert.equal(leave.isOver(), false)
    assert.equal(leave.leftMs, 1)
    const { clock: another, leave: unanswered } = setUp({ hurry: () => new Promise(() => {}) })
    another.advance(GRACE)
    assert.equal(unanswered.isOver(), true)
  })

  test('without grace it does not ask', () => {
    assert.equal(setUp({ graceMs: 0, hurry: () => assert.fail() }).leave.isOver(), true)
  })
})

describe('where most pods of the node end', () => {
  test('it stays until their logs have been read to the end and their containers run no more, and a second longer', () => {
    const { clock, leave, read, set, end } = setUp()
    end('p0', 'p1')
    assert.equal(leave.isOver(), false)
    assert.equal(leave.leftMs, GRACE)
    for (const name of ['p0', 'p1']) read.add(name)
    clock.advance(QUIET)
    assert.equal(leave.isOver(), false, 'the containers still run')
    for (const name of ['p0', 'p1']) set(name, { endingSince: 'T', containers: new Map() })
    assert.equal(leave.isOver(), false)
    clock.advance(QUIET / 2)
    read.delete('p1')
    assert.equal(leave.isOver(), false, 'one has written more')
    read.add('p1')
    clock.advance(QUIET)
    assert.equal(leave.isOver(), false)
    clock.advance(QUIET)
    assert.equal(leave.isOver(), true)
    assert.equal(leave.leftMs, GRACE - 3.5 * QUIET)
  })

  test('it waits for a pod that is gone from the API server while its log has unread lines', () => {
    const { clock, leave, pods, read, end } = setUp()
    end('p0', 'p1', 'p2')
    assert.equal(leave.isOver(), false)
    for (const name of ['p0', 'p1', 'p2']) pods.delete(name)
    for (const name of ['p0', 'p1']) read.add(name)
    assert.equal(leave.isOver(), false)
    clock.advance(10 * QUIET)
    assert.equal(leave.isOver(), false)
    read.add('p2')
    assert.equal(leave.isOver(), false)
    clock.advance(QUIET)
    assert.equal(leave.isOver(), true)
  })

  test('it ends with the grace, and says which logs had not ended', () => {
    const { clock, leave, log, end } = setUp()
    end('p0', 'p1')
    assert.equal(leave.isOver(), false)
    clock.advance(GRACE)
    assert.equal(leave.isOver(), true)
    assert.equal(leave.leftMs, 0)
    const { text, fields } = log.entries.at(-1) ?? {}
    assert.equal(text, 'warn shutdown.grace is over before all logs have ended')
    assert.deepEqual(fields, { graceMs: GRACE, logs: 2, first: ['shop/p0/app', 'shop/p1/app'] })
  })
})

test('where the node says that it goes, it waits for all pods but static ones', () => {
  const { clock, leave, state, set, read } = setUp({ count: 2 })
  state.isGoing = true
  set('p1', { configHash: 'a'.repeat(32) })
  assert.equal(leave.isOver(), false)
  read.add('p0')
  set('p0', { containers: new Map() })
  assert.equal(leave.isOver(), false)
  clock.advance(QUIET)
  assert.equal(leave.isOver(), true)
})
