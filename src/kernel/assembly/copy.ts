/**
 * Copies [start, end) to `out` and returns where it ended. Reads and writes up to 63 bytes more. Behind its first 64 bytes it writes whole cache lines: a
 * short line with much metadata takes a tenth less so.
 */
export function copy(start: usize, end: usize, out: usize): usize {
  const done = out + (end - start)
  v128.store(out, v128.load(start))
  v128.store(out, v128.load(start, 16), 16)
  if (end - start <= 32) return done
  v128.store(out, v128.load(start, 32), 32)
  v128.store(out, v128.load(start, 48), 48)
  if (end - start <= 64) return done
  const first: usize = 64 - (out & 63)
  start += first
  out += first
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
