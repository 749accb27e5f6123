import { ContainerRow } from './container-row.ts'
import { setText } from './element.ts'
import { nextTask } from './next-task.ts'
import type { Rates } from './rates.ts'
import { RovingFocus } from './roving-focus.ts'
import { type Container, keyOf, type StatusAnswer } from './status-answer.ts'

/** Rows to create or change in one task. */
const SLICE_ROWS = 50

/** The sort orders of the columns: ascending for names and states, descending for quantities. */
const ORDERS: Readonly<Record<string, (a: ContainerRow, b: ContainerRow) => number>> = {
  name: byName,
  state: (a, b) => stateRank(a.container) - stateRank(b.container),
  lines: (a, b) => (b.rate.linesPerSecond ?? -1) - (a.rate.linesPerSecond ?? -1),
  bytes: (a, b) => (b.rate.bytesPerSecond ?? -1) - (a.rate.bytesPerSecond ?? -1),
  lag: (a, b) => b.container.lagBytes - a.container.lagBytes,
}

export interface ContainerTableParts {
  readonly table: HTMLTableElement
  readonly body: HTMLTableSectionElement
  readonly search: HTMLInputElement
  /** Shows how many rows match. */
  readonly note: HTMLElement
  onTail(container: Container): void
}

/** The node's containers in a table that can be sorted and searched. */
export class ContainerTable {
  readonly #parts: ContainerTableParts
  readonly #rows = new Map<string, ContainerRow>()
  readonly #rowOf = new WeakMap<Element, ContainerRow>()
  readonly #focus: RovingFocus
  readonly #seen: IntersectionObserver
  #order = 'name'

  constructor(parts: ContainerTableParts) {
    this.#parts = parts
    this.#focus = new RovingFocus(parts.body, 'button')
    this.#seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#rowOf.get(target)?.[isIntersecting ? 'show' : 'hide']()
    })
    parts.search.addEventListener('input', () => this.#arrange())
    parts.table.tHead?.addEventListener('click', ({ target }) => {
      const heading = target instanceof Element ? target.closest<HTMLElement>('th[data-order]') : null
      if (heading?.dataset.order !== undefined) this.#sortBy(heading.dataset.order)
    })
  }

  /** Resolves when the table shows the answer. Must not be called again before that. */
  async show({ containers }: StatusAnswer, rates: Rates): Promise<void> {
    const present = new Set<string>()
    for (const [index, container] of containers.entries()) {
      const key = keyOf(container)
      present.add(key)
      const row = this.#rows.get(key) ?? this.#add(key, container)
      row.update(container, { rate: rates.of(container), series: rates.seriesOf(container) })
      if (index % SLICE_ROWS === SLICE_ROWS - 1) await this.#endSlice()
    }
    for (const [key, row] of this.#rows) if (!present.has(key)) this.#remove(key, row)
    this.#arrange()
  }

  /** Adds new rows to the document slice by slice: all 500 at once would be a long task. */
  async #endSlice(): Promise<void> {
    for (const { row } of this.#rows.values()) if (row.parentNode === null) this.#parts.body.append(row)
    await nextTask()
  }

  #add(key: string, container: Container): ContainerRow {
    const row = new ContainerRow(container, this.#parts.onTail)
    this.#rows.set(key, row)
    this.#rowOf.set(row.row, row)
    this.#seen.observe(row.row)
    return row
  }

  #remove(key: string, row: ContainerRow): void {
    this.#seen.unobserve(row.row)
    row.hide()
    row.row.remove()
    this.#rows.delete(key)
  }

  #sortBy(order: string): void {
    this.#order = order
    for (const heading of this.#parts.table.querySelectorAll<HTMLElement>('th[data-order]')) {
      const isSorted = heading.dataset.order === order
      const direction = order === 'name' || order === 'state' ? 'ascending' : 'descending'
      heading.setAttribute('aria-sort', isSorted ? direction : 'none')
    }
    this.#arrange()
  }

  /** Sorts the rows, and moves only those in the wrong place: a row that is moved loses the focus. */
  #arrange(): void {
    const { body, search, note } = this.#parts
    const text = search.value.trim().toLowerCase()
    const order = ORDERS[this.#order] ?? byName
    const rows = [...this.#rows.values()].sort((a, b) => order(a, b) || byName(a, b))
    let shown = 0
    let next = body.firstElementChild
    for (const row of rows) {
      const isShown = row.matches(text)
      if (row.row.hidden === isShown) row.row.hidden = !isShown
      if (isShown) shown += 1
      if (row.row === next) next = next.nextElementSibling
      else body.insertBefore(row.row, next)
    }
    setText(note, shown === rows.length ? String(shown) : `${shown} of ${rows.length}`)
    this.#focus.refresh()
  }
}

function byName({ container: a }: ContainerRow, { container: b }: ContainerRow): number {
  return compare(a.namespace, b.namespace) || compare(a.pod, b.pod) || compare(a.container, b.container)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function stateRank({ state, fault }: Container): number {
  return fault === undefined ? { wait: 1, read: 2, exclude: 3 }[state] : 0
}
