/** The state of the delivery to one sink, as the page and `explain` show it. */
export interface SinkStatus {
  /** The sink's name. */
  readonly name: string
  /** Where it sends to, without secrets. */
  readonly destination: string
  /** Why it accepts nothing at the moment, and for how long; undefined while it accepts entries. */
  readonly trouble: { readonly reason: string; readonly seconds: number } | undefined
  readonly requestsInFlight: number
  /** Requests that may be in flight. */
  readonly mostRequests: number
  /** Age of the oldest batch that is sent and not acknowledged; 0 if there is none. */
  readonly oldestSeconds: number
  readonly acceptedEntries: number
  /** Entries by why they became dead letters. */
  readonly deadLetters: Readonly<Record<string, number>>
  /** Entries that it rejected without saying which, and what it said last. */
  readonly rejected: { readonly count: number; readonly reason: string } | undefined
}
