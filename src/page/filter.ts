/** What a tail can be narrowed by: the parameters of `/api/tail`, and of the page's own address. */
export const FILTER_KEYS = ['labels', 'annotations', 'namespace', 'pod', 'container', 'grep'] as const

export type FilterKey = (typeof FILTER_KEYS)[number]

/** Values as the person wrote them; what is absent takes all. */
export type Filter = Readonly<Partial<Record<FilterKey, string>>>

/** The filter that stands in the query of an address; unknown names are passed over. */
export function filterFrom(query: string): Filter {
  const values = new URLSearchParams(query)
  return normalized((key) => values.get(key) ?? '')
}

/** Leaves out what is empty, so that equal filters have equal queries. */
export function normalized(read: (key: FilterKey) => string): Filter {
  const filter: Partial<Record<FilterKey, string>> = {}
  for (const key of FILTER_KEYS) {
    const value = key === 'grep' ? read(key) : read(key).trim()
    if (value !== '') filter[key] = value
  }
  return filter
}

/** With its question mark; empty for a filter that takes all. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams(filter).toString()
  return query === '' ? '' : `?${query}`
}

/** Of annotations, a value that is more than a word stands in quotes. Source: `select/selector-tokens.ts`. */
const WORD = /^[^ \t\r\n=!(),<>"\\]+$/

/** The selector that asks for this value as well. */
export function withRequirement(
  selector: string | undefined,
  { key, value }: { readonly key: string; readonly value: string },
): string {
  const requirement = `${key}=${value === '' || WORD.test(value) ? value : JSON.stringify(value)}`
  if (selector === undefined) return requirement
  return selector.split(',').includes(requirement) ? selector : `${selector},${requirement}`
}
