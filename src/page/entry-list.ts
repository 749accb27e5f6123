import { element } from './element.ts'
import { type EntryActions, entryDetails } from './entry-details.ts'
import { type Gap, merged, type QueueItem } from './entry-queue.ts'
import { entryRow, gapRow, gapText } from './entry-row.ts'
import { RovingFocus } from './roving-focus.ts'
import { readShownEntry, type ShownEntry } from './shown-entry.ts'

/** Rows in the document; the oldest are removed. */
const MOST_ROWS = 500
/** Rows that are laid out and painted together, or not at all while invisible. For single rows this would cost as much as it saves. */
const GROUP_ROWS = 25
/** Pixels from the end that still count as the end. */
const END_PX = 8

export interface EntryListParts {
  readonly list: HTMLElement
  readonly actions: EntryActions
  /** The entries must not move now: a person opened one, went to one by keyboard, or scrolled back. */
  onLook(way: 'entry' | 'scroll'): void
  /** A person scrolled to the newest entry. */
  onEnd(): void
}

/** The entries on the page: a limited number, the newest last and visible. */
export class EntryList {
  readonly #parts: EntryListParts
  readonly #entries = new WeakMap<Element, ShownEntry>()
  readonly #focus: RovingFocus
  #lastGap: { readonly row: HTMLElement; readonly gap: Gap } | undefined
  #scrollTop = 0

  constructor(parts: EntryListParts) {
    this.#parts = parts
    const { list } = parts
    this.#focus = new RovingFocus(list, '.line')
    list.addEventListener('click', (event) => this.#onClick(event))
    list.addEventListener('keydown', (event) => this.#onKey(event))
    list.addEventListener('scroll', () => this.#onScroll(), { passive: true })
    list.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement && target.matches('.line:focus-visible')) parts.onLook('entry')
    })
  }

  /** Adds items below all others; matches of `grep` are marked. */
  append(items: readonly QueueItem[], grep: string | undefined): void {
    for (const item of items) {
      const row = typeof item === 'string' ? this.#entryRow(item, grep) : this.#gapRow(item)
      if (row !== undefined) this.#openGroup().append(row)
    }
    const { list } = this.#parts
    while (list.childElementCount > MOST_ROWS / GROUP_ROWS) list.firstElementChild?.remove()
    this.#focus.refresh({ prefersLast: true })
    this.scrollToEnd()
  }

  /** The last group; a new one if that is full. */
  #openGroup(): Element {
    const { list } = this.#parts
    const last = list.lastElementChild
    if (last !== null && last.childElementCount < GROUP_ROWS) return last
    last?.classList.add('full')
    const group = element('div', { class: 'group', attributes: { role: 'presentation' } })
    list.append(group)
    return group
  }

  clear(): void {
    this.#parts.list.replaceChildren()
    this.#lastGap = undefined
  }

  /** The entries that are here, oldest first, as the agent sent them. */
  get shown(): readonly string[] {
    const rows = [...this.#parts.list.querySelectorAll('.entry')]
    return rows.flatMap((row) => this.#entries.get(row)?.json ?? [])
  }

  scrollToEnd(): void {
    const { list } = this.#parts
    list.scrollTop = list.scrollHeight
    this.#scrollTop = list.scrollTop
  }

  #entryRow(json: string, grep: string | undefined): HTMLElement | undefined {
    const entry = readShownEntry(json)
    if (entry === undefined) return undefined
    const row = entryRow(entry, grep)
    this.#entries.set(row, entry)
    this.#lastGap = undefined
    return row
  }

  /** Adjacent gaps are merged. */
  #gapRow(gap: Gap): HTMLElement | undefined {
    const last = this.#lastGap
    if (last?.gap.reason === gap.reason) {
      const both = merged(last.gap, gap)
      last.row.textContent = gapText(both)
      this.#lastGap = { row: last.row, gap: both }
      return undefined
    }
    const row = gapRow(gap)
    this.#lastGap = { row, gap }
    return row
  }

  #onClick({ target }: MouseEvent): void {
    const line = target instanceof Element ? target.closest<HTMLElement>('.line') : null
    // A click that ends a text selection must not open the entry.
    if (line !== null && (getSelection()?.isCollapsed ?? true)) this.#toggle(line)
  }

  #onKey(event: KeyboardEvent): void {
    const line = event.target
    if (!(line instanceof HTMLElement)) return
    if (event.key === 'Escape') this.#closeAround(line)
    else if ((event.key === 'Enter' || event.key === ' ') && line.matches('.line')) {
      event.preventDefault()
      this.#toggle(line)
    }
  }

  #closeAround(inside: HTMLElement): void {
    const line = inside.closest('.entry')?.querySelector<HTMLElement>('.line[aria-expanded="true"]')
    if (!line) return
    this.#toggle(line)
    line.focus()
  }

  #toggle(line: HTMLElement): void {
    const row = line.closest('.entry')
    const entry = row === null ? undefined : this.#entries.get(row)
    if (row === null || entry === undefined) return
    const isOpen = line.getAttribute('aria-expanded') === 'true'
    line.setAttribute('aria-expanded', String(!isOpen))
    if (isOpen) row.querySelector('.details')?.remove()
    else {
      this.#parts.onLook('entry')
      row.append(entryDetails(entry, this.#parts.actions))
      row.scrollIntoView({ block: 'nearest' })
    }
  }

  #onScroll(): void {
    const { list } = this.#parts
    const isUp = list.scrollTop < this.#scrollTop - 1
    this.#scrollTop = list.scrollTop
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < END_PX
    if (isAtEnd) this.#parts.onEnd()
    else if (isUp) this.#parts.onLook('scroll')
  }
}
