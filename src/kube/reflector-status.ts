/**
 * What a reflector does next. `cache`: list from the server's cache. `last-seen`: list at least as new as what was last seen.
 * `database`: list what the server's database has, if it cannot do that; servers since 1.31 answer that from their cache too,
 * once it is as new.
 */
export type ListFrom = 'cache' | 'last-seen' | 'database'

export type ReflectorState =
  | { readonly kind: 'listing'; readonly from: ListFrom }
  | { readonly kind: 'watching' }
  | { readonly kind: 'waiting'; readonly milliseconds: number; readonly next: ReflectorState }
  | { readonly kind: 'stopped' }

/** Since the start. `errors`: all failures but expired versions. `parseErrors`: those among them with an invalid body in a 200. */
export interface ReflectorCounters {
  lists: number
  watches: number
  events: number
  bookmarks: number
  expired: number
  errors: number
  parseErrors: number
}

/** The state of a reflector. */
export interface ReflectorStatus {
  readonly resource: string
  readonly state: ReflectorState['kind']
  /** Whether a list has been completed. */
  readonly hasListed: boolean
  readonly counters: Readonly<ReflectorCounters>
}

/** Of a reflector that has done nothing yet. */
export const noCounters = (): ReflectorCounters => ({
  lists: 0,
  watches: 0,
  events: 0,
  bookmarks: 0,
  expired: 0,
  errors: 0,
  parseErrors: 0,
})
