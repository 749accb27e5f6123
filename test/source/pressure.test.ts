import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { measure, mustYield, type Pressed } from '../../src/source/pressure.ts'

const rotation = { maxBytes: 1000, maxFiles: 5 }
const held = { maxBytes: 10_000, maxFiles: 10 }

function logOf(state: { unread?: number; heldBytes?: number; heldFiles?: number; hasDeleted?: boolean }) {
  const { unread = 0, heldBytes = 0, heldFiles = 0, hasDeleted = false } = state
  return {
    unreadBytes: async () => unread,
    held: async () => ({ bytes: heldBytes, files: heldFiles }),
    hasDeleted: async () => hasDeleted,
  }
}

function behind(state: Parameters<typeof logOf>[0] = {}, more: Partial<Pressed> = {}): Pressed {
  const secondsToLoss = Number.POSITIVE_INFINITY
  const open = { log: logOf(state) }
  return { readBytes: 0, written: undefined, secondsToLoss, goneMs: undefined, yields: false, open, ...more }
}

describe('the seconds to loss of a log', () => {
  test('come from how fast it was written between two looks, read or not', async () => {
    const tracked = behind({ unread: 2000 }, { readBytes: 500 })
    await measure(tracked, rotation, 1000)
    assert.equal(tracked.secondsToLoss, Infinity, 'nothing to compare with')
    Object.assign(tracked, { readBytes: 700, open: { log: logOf({ unread: 2800 }) } })
    await measure(tracked, rotation, 3000)
    // 1000 bytes in 2 s; the kubelet keeps 4000 for sure.
    assert.equal(tracked.secondsToLoss, (4000 - 2800) / 500)
  })

  test('do not matter while no more than a file is unread', async () => {
    const tracked = behind({ unread: 1000 }, { written: { atMs: 0, bytes: 0, bytesPerSecond: undefined } })
    await measure(tracked, rotation, 1000)
    assert.equal(tracked.secondsToLoss, Infinity)
  })

  test('are those of the last known rate after a loss', async () => {
    const tracked = behind({ unread: 2000 }, { written: { atMs: 0, bytes: 9000, bytesPerSecond: 10 } })
    await measure(tracked, rotation, 1000)
    assert.equal(tracked.secondsToLoss, 200)
  })
})

describe('a budget gives way', () => {
  const yields = (tracked: Pressed, unread = 0) => mustYield(tracked, { rotation, held }, unread)

  test('when half of what the kubelet keeps is unread, until it is a quarter', async () => {
    assert.deepEqual([await yields(behind(), 2000), await yields(behind(), 2001)], [false, true])
    const yielding = behind({}, { yields: true })
    assert.deepEqual([await yields(yielding, 1001), await yields(yielding, 1000)], [true, false])
  })

  test('when a file is deleted that is not read, whatever the settings say', async () => {
    assert.equal(await yields(behind({ hasDeleted: true })), true)
  })

  test('before Loggy itself has to close files', async () => {
    assert.equal(await yields(behind({ heldBytes: 5001 })), true)
    assert.equal(await yields(behind({ heldFiles: 6 })), true)
    assert.equal(await yields(behind({ heldBytes: 5000, heldFiles: 5 })), false)
  })

  test('when the link to the log is gone', async () => {
    assert.equal(await yields(behind({}, { goneMs: 1 })), true)
  })
})
