import type { Sent } from '../../src/model/sink.ts'

/** For formats whose answers name no entries by what is in them. */
export const NOTHING_SENT: Sent = { groups: () => [], entries: () => [] }
