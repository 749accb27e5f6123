const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/**
 * One tab stop for many elements; arrow and page keys, Home and End move between them. The elements are created with
 * `tabindex="-1"`. Source: WAI-ARIA Authoring Practices, "Managing Focus Within Components Using a Roving tabindex".
 */
export class RovingFocus {
  readonly #root: HTMLElement
  readonly #selector: string
  #stop: HTMLElement | undefined

  constructor(root: HTMLElement, selector: string) {
    this.#root = root
    this.#selector = selector
    root.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement && target.matches(selector)) this.#moveStop(target)
    })
    root.addEventListener('keydown', (event) => this.#onKey(event))
  }

  /** Call after elements were added or removed. Makes sure that there is a tab stop; the last element if `prefersLast`. */
  refresh({ prefersLast = false } = {}): void {
    if (this.#stop !== undefined && this.#root.contains(this.#stop) && !this.#stop.closest('[hidden]')) return
    const all = this.#elements()
    const stop = prefersLast ? all.at(-1) : all[0]
    if (stop !== undefined) this.#moveStop(stop)
  }

  #onKey(event: KeyboardEvent): void {
    const step = STEPS[event.key]
    const { target } = event
    if (step === undefined || !(target instanceof HTMLElement) || !target.matches(this.#selector)) return
    event.preventDefault()
    const all = this.#elements()
    all[Math.min(Math.max(all.indexOf(target) + step, 0), all.length - 1)]?.focus()
  }

  #moveStop(stop: HTMLElement): void {
    this.#stop?.setAttribute('tabindex', '-1')
    stop.setAttribute('tabindex', '0')
    this.#stop = stop
  }

  #elements(): HTMLElement[] {
    return [...this.#root.querySelectorAll<HTMLElement>(this.#selector)].filter((found) => !found.closest('[hidden]'))
  }
}
