const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const duration = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/
const durationPart = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g

/** Milliseconds since 1970 of an RFC 3339 time; undefined for any other text. `Date.parse` alone accepts much more. */
export function parseTime(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** The moment of an RFC 3339 time or of a duration before now (`10m`, `1h30m`), as in parseTime; undefined if it is neither. */
export function parseSince(text: string, nowMs: number): number | undefined {
  return duration.test(text) ? nowMs - durationMs(text) : parseTime(text)
}

function durationMs(text: string): number {
  let total = 0
  for (const [, amount, unit] of text.matchAll(durationPart)) total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return total
}
