import {
  LINE_BODY_END,
  LINE_BODY_START,
  LINE_IS_PARTIAL,
  LINE_SIZE,
  LINE_SOURCE_BYTES,
  LINE_SOURCE_START,
  LINE_STREAM,
  LINE_TIME_END,
  LINE_TIME_START,
} from '../layout'

/** What was found in the line that was parsed last, where the TypeScript side reads it too. */
export const LINE: usize = memory.data(LINE_SIZE, 16)

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
  store<u32>(LINE, <u32>start, LINE_TIME_START)
  store<u32>(LINE, <u32>end, LINE_TIME_END)
}

export function setBody(start: usize, end: usize): void {
  store<u32>(LINE, <u32>start, LINE_BODY_START)
  store<u32>(LINE, <u32>end, LINE_BODY_END)
}

/** 0: stdout, 1: stderr. `isPartial` 1: a continuation follows. */
export function setStream(stream: u32, isPartial: u32): void {
  store<u32>(LINE, stream, LINE_STREAM)
  store<u32>(LINE, isPartial, LINE_IS_PARTIAL)
}

/** Where the line begins, and how many bytes it has in its file, its newline and all parts included. */
export function setSource(start: usize, bytes: usize): void {
  store<u32>(LINE, <u32>start, LINE_SOURCE_START)
  store<u32>(LINE, <u32>bytes, LINE_SOURCE_BYTES)
}

export function sourceStart(): usize {
  return load<u32>(LINE, LINE_SOURCE_START)
}

export function sourceBytes(): usize {
  return load<u32>(LINE, LINE_SOURCE_BYTES)
}

export function timeStart(): usize {
  return load<u32>(LINE, LINE_TIME_START)
}

export function timeEnd(): usize {
  return load<u32>(LINE, LINE_TIME_END)
}

export function bodyStart(): usize {
  return load<u32>(LINE, LINE_BODY_START)
}

export function bodyEnd(): usize {
  return load<u32>(LINE, LINE_BODY_END)
}

export function stream(): u32 {
  return load<u32>(LINE, LINE_STREAM)
}

export function isPartial(): u32 {
  return load<u32>(LINE, LINE_IS_PARTIAL)
}
