const LINE_FEED = 0x0a

/** Whole lines cut in two at the end of a line near the middle; undefined if there is only one. Views, not copies. */
export function halve(lines: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  const middle = (lines.length - 1) >> 1
  const before = lines.lastIndexOf(LINE_FEED, middle)
  const end = before >= 0 ? before : lines.indexOf(LINE_FEED, middle)
  if (end < 0 || end + 1 >= lines.length) return undefined
  return [lines.subarray(0, end + 1), lines.subarray(end + 1)]
}
