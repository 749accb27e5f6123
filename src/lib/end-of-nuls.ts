export const NUL = 0

const BLOCK = Buffer.alloc(16 * 1024)

/** Returns the end of the run of NULs that starts at `at`; `at` itself if there is none. */
export function endOfNuls(bytes: Uint8Array, at: number): number {
  let end = at
  // There may be gigabytes of them. Byte by byte, 1 GB takes 1 to 10 s of CPU.
  while (end + BLOCK.length <= bytes.length && BLOCK.compare(bytes, end, end + BLOCK.length) === 0) end += BLOCK.length
  while (end < bytes.length && bytes[end] === NUL) end += 1
  return end
}
