// Texts in lines. For lines that are rare: compares byte by byte.

/** Whether [at, end) begins with the text. */
export function starts(at: usize, end: usize, text: string): bool {
  const bytes: usize = text.length
  if (at > end || end - at < bytes) return false
  const units = changetype<usize>(text)
  for (let index: usize = 0; index < bytes; index += 1)
    if (<u32>load<u8>(at + index) != <u32>load<u16>(units + (index << 1))) return false
  return true
}

/** Whether [at, end) is the text. */
export function is(at: usize, end: usize, text: string): bool {
  return at <= end && end - at == <usize>text.length && starts(at, end, text)
}

export function contains(at: usize, end: usize, text: string): bool {
  const bytes: usize = text.length
  if (end - at < bytes) return false
  for (const last = end - bytes; at <= last; at += 1) if (starts(at, end, text)) return true
  return false
}
