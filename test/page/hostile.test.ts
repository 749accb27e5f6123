import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { describePage } from './page-under-test.ts'
import { testContainer, testEntry } from './samples.ts'

/** What would tell of a script that ran. */
const RUN = 'window.hasRun=true'
const MARKUP = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload=${RUN}>`,
  `"><iframe srcdoc="<script>parent.${RUN}</script>">`,
  `</script><script>${RUN}</script>`,
  `<a href="javascript:${RUN}">here</a>`,
  `<style>body{display:none}</style>`,
  `{{constructor.constructor("${RUN}")()}}`,
]

describePage('log text that means harm', (live) => {
  beforeEach(() => live.open())

  test('never becomes markup: in the line, in labels and annotations, in names', async () => {
    for (const text of MARKUP) {
      const entry = testEntry(text, { annotations: { [text]: text } })
      const kubernetes = { ...entry.kubernetes, pod: text, container: text, image: text, labels: { [text]: text } }
      live.agent.write({ ...entry, kubernetes })
    }
    await live.shows(...MARKUP)
    for (const line of await live.page.locator('.line').all()) {
      await line.click()
      assert.equal(await live.page.locator('.details').count(), 1)
      await line.click()
    }
    await assertHarmless()
  })

  test('never becomes markup in what is marked, in a refusal, or in the table of containers', async () => {
    const [script = '', image = ''] = MARKUP
    live.agent.containers = [
      testContainer(script, { fault: image }),
      testContainer(image, { state: 'exclude', rule: script }),
    ]
    await waitUntil('they are there', async () => (await live.page.locator('#container-rows tr').count()) === 2)
    await live.filterBy('grep', image)
    live.agent.write(testEntry(`before ${image} behind`))
    await live.shows(`before ${image} behind`)
    await live.page.fill('#filter-labels', `(${script}`)
    await live.page.keyboard.press('Enter')
    await live.page.locator('#fault:not([hidden])').waitFor()
    live.complaints.splice(0) // of the answer 400
    await assertHarmless()
  })

  test('shows terminal sequences, control and bidirectional characters for what they are', async () => {
    live.agent.write(testEntry('\x1b[31mred\x1b[0m \x1b]0;title\x07 a\rb \u202egnp.exe\u202c \u2066x\u2069 \u200f\x00'))
    await live.shows('red \\x1b]0;title\\x07 a\\rb \\u202egnp.exe\\u202c \\u2066x\\u2069 \\u200f\\x00')
  })

  test('of the other direction moves nothing beside it', async () => {
    live.agent.write(testEntry('plain'), testEntry('שלום 123 עולם'))
    await live.shows('plain', 'שלום 123 עולם')
    const lefts = await live.page
      .locator('.entry .text')
      .evaluateAll((texts) =>
        texts.map((text) => [getComputedStyle(text).unicodeBidi, text.getBoundingClientRect().left]),
      )
    assert.deepEqual(lefts[0], lefts[1])
    assert.equal(lefts[0]?.[0], 'isolate')
  })

  test('of a megabyte, of no entry at all, or cut by pieces does not stop the page', async () => {
    const long = 'x'.repeat(1_000_000)
    live.agent.write(testEntry(long))
    live.agent.send('data: {"no":"entry"}\n\ndata: not json\n\ndata: {"log":1,"kubernetes":7}\n\n')
    const bytes = Buffer.from(`data: ${JSON.stringify(testEntry('ein Grüß'))}\n\n`)
    for (const byte of bytes) live.agent.send(Buffer.of(byte))
    await live.shows('x'.repeat(600), 'ein Grüß')
    await live.page.locator('.line').first().click()
    assert.match(await live.text('.whole'), /^x{65536}\n… 934,464 more characters/)
    assert.deepEqual(live.complaints, [])
  })

  test('cannot be put where markup is read, even by a fault of the page', async () => {
    const outcome = await live.page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>markup</b>'
        return 'taken'
      } catch (error) {
        return (error as Error).name
      }
    })
    assert.equal(outcome, 'TypeError')
  })

  const assertHarmless = async () => {
    const found = await live.page.evaluate(() => ({
      hasRun: 'hasRun' in window,
      scripts: document.querySelectorAll('script').length,
      foreign: document.querySelectorAll('img, svg, iframe, a, body style').length,
      handlers: document.querySelectorAll('[onerror], [onload], [style]').length,
    }))
    assert.deepEqual(found, { hasRun: false, scripts: 1, foreign: 0, handlers: 0 })
    assert.deepEqual(live.complaints, [])
  }
})
