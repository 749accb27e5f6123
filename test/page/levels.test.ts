import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { describePage } from './page-under-test.ts'
import { testEntry } from './samples.ts'

describePage('the levels of the live page', (live) => {
  beforeEach(() => live.open())
  const figures = async () => (await live.page.locator('#levels > *').allTextContents()).join(', ')

  test('are counted as they come, also during a pause, and told to a screen reader', async () => {
    await live.page.click('#pause')
    live.agent.write(testEntry('a', { level: 'error' }), testEntry('b', { level: 'fatal' }), testEntry('c'))
    live.agent.write(testEntry('d', { level: 'info' }))
    live.agent.send('event: dropped\ndata: {"entries":7}\n\n')
    await waitUntil(
      'they are counted',
      async () => (await figures()) === 'error 2, warn 0, info 1, debug 0, no level 8',
    )
    assert.equal(
      await live.page.getAttribute('#levels-chart', 'aria-label'),
      'Entries of the last five minutes: 2 error, 0 warn, 1 info, 0 debug, 8 without level',
    )
    assert.deepEqual(live.complaints, [])
  })

  test('are drawn in their colours', async () => {
    live.agent.write(testEntry('a', { level: 'error' }))
    const error = await live.page.locator('.key.error').evaluate((key) => getComputedStyle(key).color)
    await waitUntil('there is a bar', async () => (await colorsOf()).includes(error))
  })

  test('are a filter when they are clicked, and begin anew with it', async () => {
    live.agent.write(testEntry('a', { level: 'info' }), testEntry('b', { level: 'warn' }))
    await live.shows('a', 'b')
    const request = live.page.waitForRequest((sent) => sent.url().includes('/api/tail?minLevel=warn'))
    await live.page.locator('.key.warn').click()
    await (await request).response()
    await live.follows()
    assert.equal(await live.page.inputValue('#filter-minLevel'), 'warn')
    live.agent.write(testEntry('c', { level: 'info' }), testEntry('d', { level: 'error' }))
    await live.shows('d')
    await waitUntil('it is counted', async () => (await figures()).startsWith('error 1, warn 0, info 0'))
  })

  /** The colours of the chart's pixels that are opaque. */
  const colorsOf = () =>
    live.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#levels-chart canvas')
      const context = canvas?.getContext('2d')
      if (!canvas || !context || canvas.width === 0) return []
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      const colors = new Set<string>()
      for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] === 255) colors.add(`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`)
      return [...colors]
    })
})
