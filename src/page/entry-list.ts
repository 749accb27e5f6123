import { type Entry, parseEntry } from './entry.ts'
import { type EntryActions, entryDetails } from './entry-details.ts'
import { type Gap, joined, type QueueItem } from './entry-queue.ts'
import { entryRow, gapRow, gapText } from './entry-row.ts'
import { RovingFocus } from './roving-focus.ts'

/** Rows in the document. Beyond, the oldest go, many at a time: each time all others move, and are painted anew. */
const [MOST_ROWS, KEPT_ROWS] = [500, 350]
/** Pixels from the end that still count as the end. */
const END_PX = 8

export interface EntryListParts {
  readonly list: HTMLElement
  readonly actions: EntryActions
  /** The person looks at entries that must not move: opened one or went to one by keyboard, or scrolled back. */
  onLook(way: 'entry' | 'scroll'): void
  /** The person scrolled to the newest entry. */
  onEnd(): void
}

/** The entries on the page: a bounded number, the newest last and in sight. */
export class EntryList {
  readonly #parts: EntryListParts
  readonly #entries = new WeakMap<Element, Entry>()
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

  /** Shows them below all others; `grep` is marked. */
  append(items: readonly QueueItem[], grep: string | undefined): void {
    const rows = document.createDocumentFragment()
    for (const item of items) {
      const row = typeof item === 'string' ? this.#entryRow(item, grep) : this.#gapRow(item)
      if (row !== undefined) rows.append(row)
    }
    const { list } = this.#parts
    list.append(rows)
    if (list.childElementCount > MOST_ROWS) while (list.childElementCount > KEPT_ROWS) list.firstElementChild?.remove()
    this.#focus.refresh(true)
    this.scrollToEnd()
  }

  clear(): void {
    this.#parts.list.replaceChildren()
    this.#lastGap = undefined
  }

  scrollToEnd(): void {
    const { list } = this.#parts
    list.scrollTop = list.scrollHeight
    this.#scrollTop = list.scrollTop
  }

  #entryRow(json: string, grep: string | undefined): HTMLElement | undefined {
    const entry = parseEntry(json)
    if (entry === undefined) return undefined
    const row = entryRow(entry, grep)
    this.#entries.set(row, entry)
    this.#lastGap = undefined
    return row
  }

  /** Gaps that follow each other are one. */
  #gapRow(gap: Gap): HTMLElement | undefined {
    const last = this.#lastGap
    if (last?.gap.reason === gap.reason) {
      const both = joined(last.gap, gap)
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
    // Who marks text in order to copy it does not want to open the entry.
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
    const line = inside.closest('li')?.querySelector<HTMLElement>('.line[aria-expanded="true"]')
    if (!line) return
    this.#toggle(line)
    line.focus()
  }

  #toggle(line: HTMLElement): void {
    const row = line.closest('li')
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
