import { existsSync } from 'node:fs'
import { type Browser as Chromium, chromium, type Page } from 'playwright-core'

/** Where Debian, Ubuntu and Google's package have it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const { LOGGY_CHROMIUM, LOGGY_REQUIRE_CHROMIUM } = process.env
const executablePath = LOGGY_CHROMIUM ?? PLACES.find((place) => existsSync(place))

/** Why tests in a browser cannot run; undefined where they can, or must. */
export const skipReason =
  executablePath === undefined && LOGGY_REQUIRE_CHROMIUM === undefined
    ? 'no Chromium: apt-get install chromium, or name one in LOGGY_CHROMIUM'
    : undefined

/**
 * A tab, with a profile of its own, in a Chromium of its own. One of each serves all tests of a process, one after the other: to start
 * Chromium costs 1.5 s of CPU, measured, and a new tab, with its processes, twice as much as another page in one that is open.
 */
export class Tab {
  readonly page: Page
  /** What the console, the policy and uncaught faults have said since the tab was last led somewhere. */
  complaints: string[] = []
  readonly #chromium: Chromium

  private constructor(chromium: Chromium, page: Page) {
    this.#chromium = chromium
    this.page = page
  }

  static async open(): Promise<Tab> {
    if (executablePath === undefined) throw new Error('LOGGY_REQUIRE_CHROMIUM is set, and there is no Chromium')
    const browser = await chromium.launch({
      executablePath,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    await page.addInitScript(() => {
      // Containers are asked for four times as often. The poll alone waits with a promise's own function; 'Copied' stays its 2 s.
      const { setTimeout } = window
      const isPoll = (run: () => void, ms: number) => ms === 2000 && String(run).includes('[native code]')
      window.setTimeout = ((run: () => void, ms: number) =>
        setTimeout(run, isPoll(run, ms) ? ms / 4 : ms)) as typeof setTimeout
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        // biome-ignore lint/suspicious/noConsole: the way out of the page.
        console.error(`violation of ${violatedDirective} by ${blockedURI}`)
      })
    })
    return new Tab(browser, page)
  }

  async goTo(url: string): Promise<void> {
    const { page } = this
    const complaints: string[] = []
    this.complaints = complaints
    page.removeAllListeners()
    page.on('pageerror', (error) => complaints.push(`fault: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    await page.goto(url)
  }

  /** The page is gone, as if the tab was closed. */
  async leave(): Promise<void> {
    await this.page.goto('about:blank')
    await this.page.mouse.move(0, 0)
  }

  async close(): Promise<void> {
    await this.#chromium.close()
  }
}

let shared: Promise<Tab> | undefined

/** The tab of this process. */
export function sharedTab(): Promise<Tab> {
  shared ??= Tab.open()
  return shared
}

export async function closeSharedTab(): Promise<void> {
  await (await shared)?.close()
  shared = undefined
}
