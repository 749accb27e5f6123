/** RFC 9110, 5.6.7: the usual date form and the two obsolete ones. `Date.parse` alone also accepts `1.5` and `soon 1`. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/

/**
 * The wait in milliseconds that a `Retry-After` header asks for, at most `maximumMs`. The header holds seconds or an HTTP date (RFC 9110,
 * 10.2.3). Undefined if it is missing or holds neither. `nowMs`: time of day, to compare a date with.
 */
export function parseRetryAfter(
  header: string | undefined,
  { nowMs, maximumMs }: { readonly nowMs: number; readonly maximumMs: number },
): number | undefined {
  const text = header?.trim() ?? ''
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseHttpDate(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), maximumMs)
}

/** Milliseconds since 1970; NaN if the text is no HTTP date. */
function parseHttpDate(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN
  // The asctime form has no time zone and means UTC.
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}
