// The bits of a deflate stream, the lowest first (RFC 1951, 3.1.1).

/** Bits that are not written yet, and their number: at most 7 between two calls of `flushBits`. */
let bits: u64 = 0
let count: u64 = 0
let out: usize = 0

/** Begins to write at `at`. Bits of the call before are kept. */
export function writeTo(at: usize): void {
  out = at
}

/** Where the next byte is written. */
export function writtenTo(): usize {
  return out
}

/** Adds up to 57 bits since the last `flushBits`. Bits of `value` above `length` are zero. */
export function addBits(value: u64, length: u64): void {
  bits |= value << count
  count += length
}

/** Writes whole bytes. Stores 8, of which the first are meant. */
export function flushBits(): void {
  store<u64>(out, bits)
  out += <usize>(count >> 3)
  bits >>= count & 56
  count &= 7
}

/** Fills the last byte with zeros. */
export function fillByte(): void {
  count = (count + 7) & 56
  flushBits()
}

/** Copies bytes behind a whole byte. */
export function addBytes(at: usize, length: usize): void {
  memory.copy(out, at, length)
  out += length
}
