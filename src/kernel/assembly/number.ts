import { AS_BYTE, AS_DECIMAL, AS_FIXED64, AS_SECONDS, AS_UINT32_BE, AS_VARINT } from '../layout'

/** Digits that are written at a time: as many as there are in 32 bits. */
const PART_DIGITS: u32 = 9
const PART: u64 = 1000000000

/** Bytes of any number in that form; 0 if they depend on the number. */
export function fixedBytes(form: u32): usize {
  if (form == AS_VARINT || form == AS_DECIMAL || form == AS_SECONDS) return 0
  if (form == AS_BYTE) return 1
  return form == AS_UINT32_BE ? 4 : 8
}

/** Writes the number in that form, up to 20 bytes, and returns where it ended. */
export function writeNumber(value: u64, form: u32, out: usize): usize {
  if (form == AS_DECIMAL) return writeDecimal(value, out)
  if (form == AS_VARINT) return writeVarint(value, out)
  if (form == AS_BYTE) {
    store<u8>(out, <u8>value)
    return out + 1
  }
  if (form == AS_UINT32_BE) {
    store<u32>(out, bswap<u32>(<u32>value))
    return out + 4
  }
  store<u64>(out, form == AS_FIXED64 ? value : bswap<u64>(value))
  return out + 8
}

function writeVarint(value: u64, out: usize): usize {
  for (; value > 0x7f; value >>= 7, out += 1) store<u8>(out, <u8>(value & 0x7f) | 0x80)
  store<u8>(out, <u8>value)
  return out + 1
}

/** 64 bits are divided as seldom as possible: that takes as long as ten divisions of 32 bits by a constant. */
function writeDecimal(value: u64, out: usize): usize {
  if (value < PART) {
    let count: u32 = 1
    for (let least: u32 = 10; count < PART_DIGITS && <u32>value >= least; least *= 10) count += 1
    return writeDigits(<u32>value, count, out)
  }
  const high = value / PART
  return writeDigits(<u32>(value - high * PART), PART_DIGITS, writeDecimal(high, out))
}

function writeDigits(value: u32, count: u32, out: usize): usize {
  const end = out + count
  for (let at = end; at > out; value /= 10) store<u8>(--at, <u8>(0x30 + (value % 10)))
  return end
}
