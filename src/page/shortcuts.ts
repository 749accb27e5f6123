import { element } from './element.ts'

/** A key that does something while nobody is writing. */
export interface Shortcut {
  readonly key: string
  readonly text: string
  run(): void
}

/** Keys of the element that has the focus; the help lists them too. */
const ELSEWHERE: readonly (readonly [keys: string, text: string])[] = [
  ['↑ ↓ Home End', 'move between entries, or between containers'],
  ['Enter', 'open or close an entry'],
  ['Esc', 'close an entry, or this help'],
]

/** Single keys for what one does often, and the help that lists them. */
export class Shortcuts {
  readonly #help: HTMLDialogElement
  readonly #shortcuts: readonly Shortcut[]

  constructor(help: HTMLDialogElement, shortcuts: readonly Shortcut[]) {
    this.#help = help
    this.#shortcuts = [{ key: '?', text: 'this help', run: () => this.showHelp() }, ...shortcuts]
    const keys = this.#shortcuts.map(({ key, text }) => [key, text] as const)
    const rows = [...keys, ...ELSEWHERE].map(([names, text]) =>
      element('div', {}, element('dt', {}, element('kbd', { text: names })), element('dd', { text })),
    )
    help.prepend(element('h2', { text: 'Keys' }), element('dl', {}, ...rows))
    help.addEventListener('click', ({ target }) => {
      // The dialog itself is hit beside its contents only, and by its button.
      if (target === help || target instanceof HTMLButtonElement) help.close()
    })
    document.addEventListener('keydown', (event) => this.#onKey(event))
  }

  showHelp(): void {
    if (!this.#help.open) this.#help.showModal()
  }

  #onKey(event: KeyboardEvent): void {
    const { key, target, ctrlKey, metaKey, altKey } = event
    if (ctrlKey || metaKey || altKey || event.defaultPrevented || this.#help.open) return
    if (target instanceof Element && target.matches('input, select, textarea')) return
    const shortcut = this.#shortcuts.find((known) => known.key === key)
    if (shortcut === undefined) return
    event.preventDefault()
    shortcut.run()
  }
}
