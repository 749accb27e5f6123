/** Copies [start, end) to `out` and returns where it ended. Reads and writes up to 63 bytes more. */
export function copy(start: usize, end: usize, out: usize): usize {
  const done = out + (end - start)
  while (start < end) {
    const a = v128.load(start)
    const b = v128.load(start, 16)
    const c = v128.load(start, 32)
    const d = v128.load(start, 48)
    v128.store(out, a)
    v128.store(out, b, 16)
    v128.store(out, c, 32)
    v128.store(out, d, 48)
    start += 64
    out += 64
  }
  return done
}
