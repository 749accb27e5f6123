/** Milliseconds; a screen reader is told no more often, and then only what was said last. */
const INTERVAL_MS = 1500

/** Tells a screen reader what has changed, through one polite live region that is never flooded. */
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
