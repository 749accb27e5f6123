import { AS_BYTE, AS_DECIMAL, AS_FIXED64, AS_UINT32_BE, AS_VARINT } from '../layout'

/** Bytes of any number in that form; 0 where they depend on the number. */
export function fixedBytes(form: u32): usize {
  if (form == AS_VARINT || form == AS_DECIMAL) return 0
  if (form == AS_BYTE) return 1
  return form == AS_UINT32_BE ? 4 : 8
}

/** Bytes of the number in that form. */
export function numberBytes(value: u64, form: u32): usize {
  const fixed = fixedBytes(form)
  if (fixed != 0) return fixed
  const radix: u64 = form == AS_VARINT ? 128 : 10
  let bytes: usize = 1
  for (let left = value / radix; left != 0; left /= radix) bytes += 1
  return bytes
}

/** Writes the number in that form, up to 20 bytes, and returns where it ended. */
export function writeNumber(value: u64, form: u32, out: usize): usize {
  const end = out + numberBytes(value, form)
  if (form == AS_BYTE) store<u8>(out, <u8>value)
  else if (form == AS_UINT32_BE) store<u32>(out, bswap<u32>(<u32>value))
  else if (form == AS_FIXED64) store<u64>(out, value)
  else if (form == AS_VARINT) {
    for (let at = out; at < end; at += 1, value >>= 7) store<u8>(at, <u8>(value & 0x7f) | (at + 1 < end ? 0x80 : 0))
  } else if (form == AS_DECIMAL) {
    for (let at = end; at > out; value /= 10) store<u8>(--at, <u8>(0x30 + (value % 10)))
  } else store<u64>(out, bswap<u64>(value))
  return end
}
