/** FNV-1a, 32 bits, of bytes or of UTF-16 units: what differs in one of them gets unrelated values. */
export function fnv1a(units: ArrayLike<number>, from = 0, to = units.length): number {
  let value = 0x811c9dc5
  for (let index = from; index < to; index += 1) value = Math.imul(value ^ (units[index] as number), 0x01000193)
  return value >>> 0
}
