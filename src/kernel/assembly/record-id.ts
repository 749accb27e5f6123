import { RECORD_IDS_ARE_ON, RECORD_IDS_BASE, RECORD_IDS_DIGESTS, RECORD_IDS_SIZE } from '../layout'

/** What ids are made of, written by the TypeScript side. */
export const RECORD_IDS: usize = memory.data(RECORD_IDS_SIZE, 16)

/** Bytes of an id. */
export const RECORD_ID_BYTES: usize = 38

const HYPHEN: u8 = 0x2d

export function hasRecordIds(): bool {
  return load<u32>(RECORD_IDS, RECORD_IDS_ARE_ON) != 0
}

/**
 * Writes the id of a line of that stream which begins at the address `start` and has so many bytes: `<digest>-<offset>-<bytes>`, 16, 12 and 8
 * hexadecimal digits. Returns where it ended.
 */
export function writeRecordId(stream: u32, start: usize, bytes: usize, out: usize): usize {
  // Each number has 16 digits, of which those in front are written over by what stands there.
  v128.store(out + 22, hexadecimal(<u64>bytes))
  v128.store(out + 13, hexadecimal(<u64>start + load<u64>(RECORD_IDS, RECORD_IDS_BASE)))
  store<u8>(out, HYPHEN, 29)
  v128.store(out, v128.load(RECORD_IDS + (stream << 4), RECORD_IDS_DIGESTS))
  store<u8>(out, HYPHEN, 16)
  return out + RECORD_ID_BYTES
}

/** 16 digits. */
function hexadecimal(value: u64): v128 {
  const bytes = i64x2.splat(bswap<u64>(value))
  const mask = i8x16.splat(0x0f)
  const high = v128.and(i8x16.shr_u(bytes, 4), mask)
  const low = v128.and(bytes, mask)
  const digits = i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
  return i8x16.swizzle(i8x16(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102), digits)
}
