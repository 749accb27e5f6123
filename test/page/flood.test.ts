import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../support/wait-until.ts'
import { demoEntry } from './demo-node.ts'
import { watchLongestTask } from './longest-task.ts'
import { describePage } from './page-under-test.ts'

const PER_SECOND = 5000
const SECONDS = 8
const PIECE_MS = 20
/** Milliseconds of CPU. */
const LONGEST_TASK = 200

interface Seen {
  frames: number
  mostRows: number
  /** What the status said each time the rate was measured, and at what millisecond. */
  statuses: [atMs: number, text: string][]
}

describePage('the live page in a flood', (live) => {
  test('stays smooth at 5,000 matching entries a second, samples, and says so', { timeout: 90_000 }, async (t) => {
    await live.open()
    await live.page.evaluate(() => {
      const status = document.getElementById('tail-status') as HTMLElement
      const seen: Seen = { frames: 0, mostRows: 0, statuses: [[performance.now(), '']] }
      Object.assign(window, { seen })
      const entries = document.getElementById('entries')
      const count = () => {
        seen.frames += 1
        seen.mostRows = Math.max(seen.mostRows, entries?.querySelectorAll('.entry').length ?? 0)
        requestAnimationFrame(count)
      }
      requestAnimationFrame(count)
      const note = () => seen.statuses.push([performance.now(), status.textContent])
      new MutationObserver(note).observe(status, { attributes: true })
    })
    const longestTask = await watchLongestTask(live.page)
    const sent = await flood()
    const status = () => live.text('#tail-status')
    await waitUntil('all have come', async () => (await status()) === 'Live: waiting for entries')
    const longestMs = await longestTask()
    const seen = await live.page.evaluate(() => (window as unknown as { seen: Seen }).seen)
    t.diagnostic(`${sent} entries: ${JSON.stringify(seen)}; longest task ${longestMs} ms`)
    assert.ok(sent >= 0.95 * PER_SECOND * SECONDS, `${sent} entries were taken`)
    assert.ok(longestMs <= LONGEST_TASK, `a task of ${longestMs} ms`)
    assert.ok(seen.mostRows <= 500, `${seen.mostRows} rows`)
    assert.ok(seen.statuses.some(([, text]) => /^Showing 1 of \d+: /.test(text)))
    // However long each was measured: the rates add up to all entries, but for their digits.
    const told = toldBy(seen.statuses)
    assert.ok(Math.abs(told / sent - 1) < 0.05, `${told} of ${sent} entries are in the rates`)
    assert.deepEqual(live.complaints, [])
  })

  /** The number of entries that the rates make. */
  function toldBy(statuses: Seen['statuses']): number {
    return statuses.slice(1).reduce((sum, [atMs, text], index) => {
      const [, number, thousand] = /([\d.]+)( k)?(?: entries)?\/s/.exec(text) ?? []
      const perSecond = Number(number ?? 0) * (thousand === undefined ? 1 : 1000)
      return sum + (perSecond * (atMs - (statuses[index]?.[0] ?? atMs))) / 1000
    }, 0)
  }

  /** The number of entries that the page was sent. */
  async function flood(): Promise<number> {
    const perPiece = (PER_SECOND * PIECE_MS) / 1000
    const lines = Array.from({ length: 10 }, (_, index) => `data: ${JSON.stringify(demoEntry(index))}\n\n`)
    const piece = Buffer.from(lines.join('').repeat(perPiece / lines.length))
    const start = performance.now()
    let pieces = 0
    while (pieces < (SECONDS * 1000) / PIECE_MS) {
      const due = Math.floor((performance.now() - start) / PIECE_MS)
      for (; pieces < due; pieces += 1) live.agent.send(piece)
      await sleep(PIECE_MS)
    }
    return pieces * perPiece
  }
})
