/** Minimum milliseconds between two announcements; only the latest text is announced. */
const INTERVAL_MS = 1500

/** Announces changes to screen readers in one polite live region, and not too often. */
export class Announcer {
  readonly #region: HTMLElement
  #waiting: string | undefined
  #isResting = false

  constructor(region: HTMLElement) {
    this.#region = region
  }

  say(text: string): void {
    if (this.#isResting) {
      this.#waiting = text
      return
    }
    this.#region.textContent = text
    this.#isResting = true
    setTimeout(() => this.#rested(), INTERVAL_MS)
  }

  #rested(): void {
    this.#isResting = false
    const text = this.#waiting
    this.#waiting = undefined
    if (text !== undefined) this.say(text)
  }
}
