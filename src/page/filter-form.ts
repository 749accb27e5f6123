import { find } from './element.ts'
import { FILTER_KEYS, type Filter, filterFrom, normalized, queryOf } from './filter.ts'

/** The fields of the filter; the address of the page says the same, so that it can be kept and passed on. */
export class FilterForm {
  readonly #onChange: (filter: Filter) => void
  #query: string | undefined

  constructor(form: HTMLFormElement, onChange: (filter: Filter) => void) {
    this.#onChange = onChange
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#apply()
    })
    // A field is done with when it is left: a selector that is being written is faulty most of the time.
    form.addEventListener('change', () => this.#apply())
    form.addEventListener('reset', (event) => {
      event.preventDefault()
      this.set({})
    })
  }

  get filter(): Filter {
    return normalized((key) => this.#field(key).value)
  }

  /** Fills the fields and follows. */
  set(filter: Filter): void {
    for (const key of FILTER_KEYS) this.#field(key).value = filter[key] ?? ''
    this.#apply()
  }

  /** Marks the field that the agent's answer names, as `labels: expected …` does; none for an empty answer. */
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

  #field(key: string): HTMLInputElement {
    return find(`filter-${key}`, HTMLInputElement)
  }
}
