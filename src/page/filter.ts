/** The filters of a tail: parameters of `/api/tail`, and of the page's own URL. */
export const FILTER_KEYS = ['labels', 'annotations', 'namespace', 'pod', 'container', 'minLevel', 'grep'] as const

export type FilterKey = (typeof FILTER_KEYS)[number]

/** Values as typed; an absent one matches everything. */
export type Filter = Readonly<Partial<Record<FilterKey, string>>>

/** The filter in the query of a URL; unknown names are ignored. */
export function filterFrom(query: string): Filter {
  const values = new URLSearchParams(query)
  return normalized((key) => values.get(key) ?? '')
}

/** Without empty values, so that equal filters have equal queries. */
export function normalized(read: (key: FilterKey) => string): Filter {
  const filter: Partial<Record<FilterKey, string>> = {}
  for (const key of FILTER_KEYS) {
    const value = key === 'grep' ? read(key) : read(key).trim()
    if (value !== '') filter[key] = value
  }
  return filter
}

/** With its question mark; empty for a filter without values. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams(filter).toString()
  return query === '' ? '' : `?${query}`
}

/** In annotation selectors, other values must be quoted. Source: `select/selector-tokens.ts`. */
const WORD = /^[^ \t\r\n=!(),<>"\\]+$/

/** The selector with this value as an additional requirement. */
export function withRequirement(
  selector: string | undefined,
  { key, value }: { readonly key: string; readonly value: string },
): string {
  const requirement = `${key}=${value === '' || WORD.test(value) ? value : JSON.stringify(value)}`
  if (selector === undefined) return requirement
  return selector.split(',').includes(requirement) ? selector : `${selector},${requirement}`
}
