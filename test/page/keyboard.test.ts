import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { describePage } from './page-under-test.ts'
import { testContainer, testEntry } from './samples.ts'

describePage('the live page without a mouse', (live) => {
  beforeEach(() => live.open())
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await live.page.keyboard.press(key)
  }
  const focused = () =>
    live.page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || '')

  test('begins with a way past the containers', async () => {
    await press('Tab')
    assert.equal(await focused(), 'skip')
    assert.ok(((await live.page.locator('#skip').boundingBox())?.y ?? -1) >= 0, 'it can be seen')
    await press('Enter', 'Tab')
    assert.equal(await focused(), 'pause')
  })

  test('reaches an entry with one stop, moves between entries, opens, copies and closes', async () => {
    const entries = ['one', 'two', 'three'].map((text) => testEntry(text))
    live.agent.write(...entries)
    await live.shows('one', 'two', 'three')
    await live.page.focus('#filter button[type="reset"]')
    await press('Tab')
    assert.match(await focused(), /three$/)
    assert.equal(await live.text('#pause'), 'Resume', 'entries that one reads by keyboard do not move')
    await press('ArrowUp', 'ArrowUp')
    assert.match(await focused(), /one$/)
    await press('ArrowDown', 'Enter', 'Tab')
    assert.equal(await focused(), 'Copy as JSON')
    await press('Enter')
    await live.page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await live.page.evaluate(() => navigator.clipboard.readText()), JSON.stringify(entries[1]))
    await press('Escape')
    assert.match(await focused(), /two$/)
    assert.equal(await live.page.locator('.details').count(), 0)
    await press('Home', ' ')
    assert.match(await live.text('.details'), /one/)
  })

  test('pauses, goes on, and filters', async () => {
    await live.page.focus('#pause')
    await press('Enter')
    assert.equal(await live.text('#pause'), 'Resume')
    await press('Enter')
    assert.equal(await live.text('#pause'), 'Pause')
    await live.page.focus('#filter-labels')
    await live.page.keyboard.type('app=api')
    await press('Enter')
    await waitUntil('it follows', async () => live.page.url().endsWith('?labels=app%3Dapi'))
  })

  test('lists its keys, which work only while nobody is writing', async () => {
    await press('?')
    const help = await live.page.locator('#help').innerText()
    for (const text of ['filter by text', 'pause, or go on', 'download what is shown', 'close an entry'])
      assert.ok(help.includes(text), text)
    await press('p')
    assert.equal(await live.text('#pause'), 'Pause', 'the help is before it')
    await press('Escape', 'p')
    assert.equal(await live.text('#pause'), 'Resume')
    await press('p', '/')
    assert.equal(await focused(), 'filter-grep')
    await live.page.keyboard.type('p?c')
    assert.equal(await live.page.inputValue('#filter-grep'), 'p?c')
    assert.equal(await live.text('#pause'), 'Pause')
    assert.equal(await live.page.locator('#help').isVisible(), false)
    await live.page.locator('#keys').click()
    await live.page.getByRole('button', { name: 'Close' }).click()
    assert.equal(await live.page.locator('#help').isVisible(), false)
    assert.deepEqual(live.complaints, [])
  })

  test('has one stop for all containers, and sorts them', async () => {
    live.agent.containers = ['a', 'b', 'c'].map((name) => testContainer(name))
    await live.page.locator('#container-rows tr').nth(2).waitFor()
    await live.page.focus('th[data-order="lag"] button')
    await press('Enter')
    assert.equal(await live.page.getAttribute('th[data-order="lag"]', 'aria-sort'), 'descending')
    assert.equal(await live.page.locator('#container-rows [tabindex="0"]').count(), 1)
    await press('Tab', 'ArrowDown', 'Enter')
    assert.equal(await live.page.inputValue('#filter-pod'), 'b')
  })

  test('shows where the focus is, and names all that can have it', async () => {
    live.agent.containers = [testContainer('a')]
    live.agent.write(testEntry('one'))
    await live.page.locator('.line').waitFor()
    await live.page.locator('#container-rows button').waitFor()
    await press('Tab')
    const seen = new Set<string>()
    for (let step = 0; step < 40; step += 1) {
      const [id, name, outline] = await live.page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const label = element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent
        return [element.outerHTML, label ?? element.textContent, getComputedStyle(element).outlineStyle]
      })
      if (id === undefined || id.startsWith('<body') || seen.has(id)) break
      seen.add(id)
      assert.ok(name?.trim(), `a name for ${id}`)
      assert.equal(outline, 'solid', id)
      await press('Tab')
    }
    assert.ok(seen.size >= 18, `${seen.size} stops`)
  })

  test('tells a screen reader what changed, not each entry', async () => {
    const said: string[] = []
    await live.page.exposeFunction('said', (text: string) => said.push(text))
    await live.page.evaluate(() => {
      const region = document.querySelector('[role="status"]')
      if (region === null) throw new Error('no live region')
      const tell = (window as unknown as { said(text: string): void }).said
      new MutationObserver(() => tell(region.textContent ?? '')).observe(region, { childList: true })
    })
    live.agent.write(...Array.from({ length: 200 }, (_, index) => testEntry(`line ${index}`)))
    await waitUntil('all are shown', async () => (await live.texts()).length === 200)
    await live.page.click('#pause')
    await waitUntil('the pause is told', () => said.at(-1) === 'Paused')
    assert.ok(said.length <= 3, String(said))
    assert.equal(await live.page.locator('[aria-live]:not([aria-live="off"])').count(), 0)
  })
})
