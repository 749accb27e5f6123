export const NUL = 0

const BLOCK = Buffer.alloc(16 * 1024)

/** Where the NULs end that begin at `at`; `at` itself if there is none. */
export function endOfNuls(bytes: Uint8Array, at: number): number {
  let end = at
  // There may be gigabytes. A byte at a time takes 1 to 10 s of CPU for each.
  while (end + BLOCK.length <= bytes.length && BLOCK.compare(bytes, end, end + BLOCK.length) === 0) end += BLOCK.length
  while (end < bytes.length && bytes[end] === NUL) end += 1
  return end
}
