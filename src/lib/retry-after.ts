/** RFC 9110, 5.6.7: the usual form and the two obsolete ones. `Date.parse` alone takes `1.5` and `soon 1` for dates too. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/

/**
 * Milliseconds to wait that a `Retry-After` header asks for, `maximumMs` at most; it holds seconds or an HTTP date (RFC 9110, 10.2.3).
 * Undefined where the header is missing or neither. `nowMs`: the time of day that a date is compared with.
 */
export function parseRetryAfter(
  header: string | undefined,
  { nowMs, maximumMs }: { readonly nowMs: number; readonly maximumMs: number },
): number | undefined {
  const text = header?.trim() ?? ''
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseHttpDate(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), maximumMs)
}

/** Milliseconds since 1970; NaN for what is no HTTP date. */
function parseHttpDate(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN
  // The form of C's asctime has no zone, and means UTC.
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}
