/** A number of up to 64 bits as Protocol Buffers have it; a negative one takes ten bytes. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.of(...bytes, Number(rest))
}
