import { findField } from './element.ts'
import { FILTER_KEYS, type Filter, filterFrom, normalized, queryOf } from './filter.ts'

/** The fields of the filter. The page's URL has the same values, so that it can be saved and shared. */
export class FilterForm {
  readonly #onChange: (filter: Filter) => void
  #query: string | undefined

  constructor(form: HTMLFormElement, onChange: (filter: Filter) => void) {
    this.#onChange = onChange
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#apply()
    })
    // Applied when a field loses focus: while it is being typed, a selector is usually invalid.
    form.addEventListener('change', () => this.#apply())
    form.addEventListener('reset', (event) => {
      event.preventDefault()
      this.set({})
    })
  }

  get filter(): Filter {
    return normalized((key) => this.#field(key).value)
  }

  /** Fills the fields and applies the filter. */
  set(filter: Filter): void {
    for (const key of FILTER_KEYS) this.#field(key).value = filter[key] ?? ''
    this.#apply()
  }

  /** Marks the field that the agent's error names, as in `labels: expected …`; none if the text is empty. */
  markFault(reason: string): void {
    for (const key of FILTER_KEYS) {
      this.#field(key).setAttribute('aria-invalid', String(reason.startsWith(`${key}:`)))
    }
  }

  #apply(): void {
    const { filter } = this
    const query = queryOf(filter)
    if (query === this.#query) return
    const isFirst = this.#query === undefined
    this.#query = query
    if (!isFirst && query !== queryOf(filterFrom(location.search)))
      history.pushState(null, '', `${location.pathname}${query}`)
    this.#onChange(filter)
  }

  #field(key: string): HTMLInputElement | HTMLSelectElement {
    return findField(`filter-${key}`)
  }
}
