/** What was found in the line that was parsed last, where the TypeScript side reads it too: 32-bit words, in this order. */
export const LINE: usize = memory.data(32, 16)

export const LINE_BYTES: u32 = 32

/** Puts down at `to` what was found, for `recallLine`. */
export function keepLine(to: usize): void {
  v128.store(to, v128.load(LINE))
  v128.store(to, v128.load(LINE, 16), 16)
}

export function recallLine(from: usize): void {
  v128.store(LINE, v128.load(from))
  v128.store(LINE, v128.load(from, 16), 16)
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

/** Where the line begins, and how many bytes it has in its file, its newline and all parts included. */
export function setSource(start: usize, bytes: usize): void {
  store<u32>(LINE, <u32>start, 24)
  store<u32>(LINE, <u32>bytes, 28)
}

export function sourceStart(): usize {
  return load<u32>(LINE, 24)
}

export function sourceBytes(): usize {
  return load<u32>(LINE, 28)
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
