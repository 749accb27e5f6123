/**
 * What stands around the parts of an entry: before its time, between time and body (one for each stream), and behind the body.
 * Where each begins and ends, in this order, as 32-bit words; written by the TypeScript side.
 */
export const TEMPLATE: usize = memory.data(32, 16)

export function beforeTime(): usize {
  return load<u32>(TEMPLATE, 0)
}

export function beforeTimeEnd(): usize {
  return load<u32>(TEMPLATE, 4)
}

export function beforeBody(stream: u32): usize {
  return load<u32>(TEMPLATE + (stream << 3), 8)
}

export function beforeBodyEnd(stream: u32): usize {
  return load<u32>(TEMPLATE + (stream << 3), 12)
}

export function afterBody(): usize {
  return load<u32>(TEMPLATE, 24)
}

export function afterBodyEnd(): usize {
  return load<u32>(TEMPLATE, 28)
}
