const UNITS = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/** Milliseconds of a text such as `500ms`, `5s`, `1m30s` or `1h` (each unit at most once, largest first); undefined for other texts. */
export function parseDuration(text: string): number | undefined {
  const match = UNITS.exec(text)
  if (match === null || text === '') return undefined
  const [hours, minutes, seconds, milliseconds] = match.slice(1).map((digits) => Number(digits ?? 0))
  const total = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(milliseconds)
  return Number.isSafeInteger(total) ? total : undefined
}
