import { after, afterEach, before, beforeEach, describe } from 'node:test'
import type { Page } from 'playwright-core'
import { waitUntil } from '../support/wait-until.ts'
import { closeSharedTab, sharedTab, skipReason, type Tab } from './browser.ts'
import { FakeAgent } from './fake-agent.ts'

/** The page in a browser, and the agent behind it: another for each test. */
export class PageUnderTest {
  agent!: FakeAgent
  tab!: Tab

  get page(): Page {
    return this.tab.page
  }

  get complaints(): string[] {
    return this.tab.complaints
  }

  /** Goes to the page with that query, and waits until it follows. */
  async open(query = ''): Promise<void> {
    await this.tab.goTo(`${this.agent.url}${query}`)
    await this.follows()
  }

  async close(): Promise<void> {
    await this.tab.leave()
    await waitUntil('the page has gone', () => this.agent.readerCount === 0)
  }

  async follows(): Promise<void> {
    await waitUntil('the page follows', () => this.agent.readerCount === 1)
  }

  texts(): Promise<string[]> {
    return this.page.locator('.entry .text').allTextContents()
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).first().textContent()) ?? ''
  }

  async shows(...expected: readonly string[]): Promise<void> {
    await waitUntil(`the page shows ${expected}`, async () => String(await this.texts()) === String(expected))
  }

  /** Applies one value of the filter, and waits until the page follows by it. */
  async filterBy(key: string, value: string): Promise<void> {
    const request = this.page.waitForRequest((sent) => sent.url().includes('/api/tail'))
    await this.page.locator(`#filter-${key}`).fill(value)
    await this.page.keyboard.press('Enter')
    await (await request).response()
    await waitUntil('the page is live again', async () => (await this.text('#tail-status')).startsWith('Live'))
    await this.follows()
  }
}

after(closeSharedTab)

/** Tests of the page; skipped where there is no Chromium. */
export function describePage(name: string, define: (live: PageUnderTest) => void): void {
  describe(name, { skip: skipReason ?? false }, () => {
    const live = new PageUnderTest()
    before(async () => {
      live.tab = await sharedTab()
    })
    beforeEach(async () => {
      live.agent = await FakeAgent.start()
    })
    afterEach(async () => {
      await live.tab.leave()
      await live.agent.close()
    })
    define(live)
  })
}
