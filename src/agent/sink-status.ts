import type { Delivery } from '../delivery/delivery.ts'
import type { SinkStatus } from '../model/sink-status.ts'

/** Milliseconds. A request is usually answered sooner, and a person who asks why entries are missing does not wait for a minute. */
const STALLED_MS = 5000

/** The state of a delivery, as the page and `explain` show it. */
export function sinkStatus(delivery: Delivery): SinkStatus {
  const { name, destination, requestsInFlight, window, oldestMs, counters, reasons, complaint } = delivery
  return {
    name,
    destination,
    trouble: troubleOf(delivery),
    requestsInFlight,
    mostRequests: window.requests,
    oldestSeconds: oldestMs / 1000,
    acceptedEntries: counters.acceptedEntries,
    deadLetters: Object.fromEntries(reasons.deadLettered),
    rejected: complaint === undefined ? undefined : { count: counters.rejectedEntries, reason: complaint },
  }
}

/** A pipe that nobody reads is no fault, but entries wait for it too. */
function troubleOf({ failing, oldestMs }: Delivery): SinkStatus['trouble'] {
  if (failing !== undefined) return { reason: failing.reason, seconds: failing.forMs / 1000 }
  if (oldestMs <= STALLED_MS) return undefined
  const seconds = oldestMs / 1000
  return { reason: `it has not acknowledged a batch that was sent ${Math.round(seconds)} s ago`, seconds }
}
