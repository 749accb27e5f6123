/**
 * What stands around the parts of an entry, where each begins and ends as 32-bit words, written by the TypeScript side: before its time;
 * then for a body that is a text, and again for one that is JSON, what is between time and body (one for each stream) and behind the body;
 * and before its id, if it has one, which stands before all else.
 */
export const TEMPLATE: usize = memory.data(64, 16)

/** Bodies stand as a text, or as the JSON that they are. */
export const TEXT: u32 = 0
export const JSON: u32 = 1

export function beforeTime(): usize {
  return load<u32>(TEMPLATE, 0)
}

export function beforeTimeEnd(): usize {
  return load<u32>(TEMPLATE, 4)
}

export function beforeBody(form: u32, stream: u32): usize {
  return load<u32>(TEMPLATE + form * 24 + (stream << 3), 8)
}

export function beforeBodyEnd(form: u32, stream: u32): usize {
  return load<u32>(TEMPLATE + form * 24 + (stream << 3), 12)
}

export function afterBody(form: u32): usize {
  return load<u32>(TEMPLATE + form * 24, 24)
}

export function afterBodyEnd(form: u32): usize {
  return load<u32>(TEMPLATE + form * 24, 28)
}

export function beforeId(): usize {
  return load<u32>(TEMPLATE, 56)
}

export function beforeIdEnd(): usize {
  return load<u32>(TEMPLATE, 60)
}
