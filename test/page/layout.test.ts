import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { demoContainers, demoEntry } from './demo-node.ts'
import { describePage } from './page-under-test.ts'
import { testEntry } from './samples.ts'

const LONG = 'word '.repeat(300)

/** Elements whose parts stand beside or above each other. */
const GROUPS = 'header, main, .tile, .bar, .keys, form, .line, tr, #sinks li, .actions, .details, .buttons'

describePage('the layout of the live page', (live) => {
  afterEach(() => live.page.setViewportSize({ width: 1280, height: 800 }))

  for (const width of [360, 768, 1440])
    test(`at ${width} pixels nothing overlaps and nothing sticks out`, async () => {
      await live.page.setViewportSize({ width, height: width === 360 ? 740 : 900 })
      live.agent.containers = demoContainers
      live.agent.warnings = ['The node name node-1 matches none of the pods whose logs are here.']
      live.agent.sinks = [
        {
          name: 'loki',
          destination: 'https://loki.observability.svc.cluster.local:3100/loki/api/v1/push',
          trouble: { reason: 'HTTP 503: overloaded', seconds: 250 },
          requestsInFlight: 1,
          mostRequests: 4,
          oldestSeconds: 251,
          acceptedEntries: 123_456,
          deadLetters: { 'HTTP 400': 1200 },
          rejected: undefined,
        },
      ]
      await live.open()
      live.agent.write(...Array.from({ length: 9 }, (_, index) => demoEntry(index)))
      live.agent.write(
        testEntry(`java.lang.IllegalStateException: ${LONG}\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)`),
      )
      live.agent.write(testEntry('x'.repeat(5000), { level: 'error', stream: 'stderr' }))
      await waitUntil('all is there', async () => (await live.texts()).length === 11)
      await live.page
        .locator('#container-rows tr')
        .nth(demoContainers.length - 1)
        .waitFor({ state: 'attached' })
      await live.page.locator('.line').last().click()
      await live.page.locator('#filters').evaluate((filters: HTMLDetailsElement) => (filters.open = true))
      assert.deepEqual(await live.page.evaluate(faultsOf, GROUPS), [])
      assert.deepEqual(live.complaints, [])
    })
})

/** Runs in the page. */
function faultsOf(groups: string): string[] {
  const nameOf = (element: Element) => `${element.tagName.toLowerCase()}#${element.id}.${element.className}`
  const faults: string[] = []
  if (document.documentElement.scrollWidth > innerWidth)
    faults.push(`as wide as ${document.documentElement.scrollWidth}`)
  for (const group of document.querySelectorAll(groups)) {
    const parts = [...group.children].flatMap((part) => {
      const box = part.getBoundingClientRect()
      const isSeen = box.width > 1 && box.height > 1 && !part.matches('.visually-hidden')
      return isSeen ? [{ part, box }] : []
    })
    for (const [index, { part, box }] of parts.entries())
      for (const other of parts.slice(index + 1)) {
        const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
        if (width > 1 && height > 1) faults.push(`${nameOf(part)} and ${nameOf(other.part)} in ${nameOf(group)}`)
      }
  }
  return faults
}
