import * as layout from '../layout'
import { lookUp, lowerHalves, upperHalves } from './bytes'
import { flagsOf } from './row'

/** What ids are made of, written by the TypeScript side. */
export const RECORD_IDS: usize = memory.data(layout.RECORD_IDS_SIZE, 16)

/** Bytes of an id. */
export const RECORD_ID_BYTES: usize = 38

const HYPHEN: u8 = 0x2d
/** `0123456789abcdef` */
const DIGITS: usize = memory.data<u8>([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102])

/**
 * Writes the id of the row's record: `<digest>-<offset>-<bytes>`, 16, 12 and 8 hexadecimal digits. Returns where it ended.
 */
export function writeRecordId(row: usize, out: usize): usize {
  const record: usize = load<u32>(row, layout.ROW_RECORD)
  const bytes: u32 =
    record != 0
      ? load<u32>(record, layout.RECORD_BYTES)
      : load<u32>(row, layout.ROW_END) - load<u32>(row, layout.ROW_START)
  // Each number has 16 digits, of which those in front are written over by what stands there.
  v128.store(out + 22, hexadecimal(bytes))
  if (record != 0 && load<u8>(record, layout.RECORD_PREFIX) != 0) {
    v128.store(out, v128.load(record, layout.RECORD_PREFIX))
    v128.store(out + 14, v128.load(record, layout.RECORD_PREFIX + 14)) // 30 bytes in all
    return out + RECORD_ID_BYTES
  }
  const start: u64 = record != 0 ? load<u32>(record, layout.RECORD_START) : load<u32>(row, layout.ROW_START)
  v128.store(out + 13, hexadecimal(start + load<u64>(RECORD_IDS, layout.RECORD_IDS_BASE)))
  store<u8>(out, HYPHEN, 29)
  // A line of no known format is counted among those of stdout.
  v128.store(out, v128.load(RECORD_IDS + ((flagsOf(row) & 1) << 4), layout.RECORD_IDS_DIGESTS))
  store<u8>(out, HYPHEN, 16)
  return out + RECORD_ID_BYTES
}

/** 16 digits. */
function hexadecimal(value: u64): v128 {
  const bytes = i64x2.splat(bswap<u64>(value))
  const high = upperHalves(bytes)
  const low = lowerHalves(bytes)
  const digits = i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
  return lookUp(DIGITS, digits)
}
