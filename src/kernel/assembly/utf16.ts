/** The UTF-16 code unit that `\u…` at `at` stands for. */
export function unitAt(at: usize): u32 {
  const digits = load<u32>(at, 2)
  const values = (digits & 0x0f0f0f0f) + ((digits >> 6) & 0x01010101) * 9
  return ((values & 0xf) << 12) | (values & 0xf00) | ((values & 0xf0000) >> 12) | (values >> 24)
}

/** Whether it begins a pair: such a unit and the one behind it make one character. */
export function beginsPair(unit: u32): bool {
  return unit - 0xd800 < 0x400
}

export function endsPair(unit: u32): bool {
  return unit - 0xdc00 < 0x400
}
