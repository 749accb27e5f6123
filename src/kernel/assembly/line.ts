/** What was found in the line that was parsed last, where the TypeScript side reads it too: 32-bit words, in this order. */
export const LINE: usize = memory.data(24, 16)

export const LINE_BYTES: u32 = 24

/** Puts down at `to` what was found, for `recallLine`. */
export function keepLine(to: usize): void {
  v128.store(to, v128.load(LINE))
  store<u64>(to, load<u64>(LINE, 16), 16)
}

export function recallLine(from: usize): void {
  v128.store(LINE, v128.load(from))
  store<u64>(LINE, load<u64>(from, 16), 16)
}

export function setTime(start: usize, end: usize): void {
  store<u32>(LINE, <u32>start, 0)
  store<u32>(LINE, <u32>end, 4)
}

export function setBody(start: usize, end: usize): void {
  store<u32>(LINE, <u32>start, 8)
  store<u32>(LINE, <u32>end, 12)
}

/** 0: stdout, 1: stderr. `isPartial` 1: a continuation follows. */
export function setStream(stream: u32, isPartial: u32): void {
  store<u32>(LINE, stream, 16)
  store<u32>(LINE, isPartial, 20)
}

export function timeStart(): usize {
  return load<u32>(LINE, 0)
}

export function timeEnd(): usize {
  return load<u32>(LINE, 4)
}

export function bodyStart(): usize {
  return load<u32>(LINE, 8)
}

export function bodyEnd(): usize {
  return load<u32>(LINE, 12)
}

export function stream(): u32 {
  return load<u32>(LINE, 16)
}

export function isPartial(): u32 {
  return load<u32>(LINE, 20)
}
