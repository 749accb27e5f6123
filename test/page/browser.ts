import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where Debian, Ubuntu and Google's package have it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const { LOGGY_CHROMIUM, LOGGY_REQUIRE_CHROMIUM } = process.env
const executablePath = LOGGY_CHROMIUM ?? PLACES.find((place) => existsSync(place))

/** Why tests in a browser cannot run; undefined where they can, or must. */
export const skipReason =
  executablePath === undefined && LOGGY_REQUIRE_CHROMIUM === undefined
    ? 'no Chromium: apt-get install chromium, or name one in LOGGY_CHROMIUM'
    : undefined

/** A browser of its own, with an empty profile that goes with it. */
export class Browser {
  readonly context: BrowserContext
  readonly #profile: string

  private constructor(context: BrowserContext, profile: string) {
    this.context = context
    this.#profile = profile
  }

  static async launch(): Promise<Browser> {
    if (executablePath === undefined) throw new Error('LOGGY_REQUIRE_CHROMIUM is set, and there is no Chromium')
    const profile = mkdtempSync(join(tmpdir(), 'loggy-chromium-'))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
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
    return new Browser(context, profile)
  }

  /** A new tab; `complaints` gathers what the console, the policy and uncaught faults say. */
  async open(url: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await this.context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(`fault: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        // biome-ignore lint/suspicious/noConsole: the way out of the page.
        console.error(`violation of ${violatedDirective} by ${blockedURI}`)
      })
    })
    await page.goto(url)
    return { page, complaints }
  }

  async close(): Promise<void> {
    await this.context.close()
    rmSync(this.#profile, { recursive: true, force: true })
  }
}
