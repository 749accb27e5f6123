import { BACKSLASH } from './backslash'
import { each } from './bytes'
import { beginsPair, unitAt } from './utf16'

// Hot file: runs over docker's records where their bodies are looked into. Guarded by test/bench.

const LETTER_U: u32 = 0x75

/** By the byte behind a backslash, what both stand for. */
const MEANINGS: usize = memory.data(128, 16)

/** Fills the table; to be called once. */
export function prepareMeanings(): void {
  for (let byte: u32 = 0; byte < 128; byte += 1) store<u8>(MEANINGS + byte, <u8>byte)
  store<u8>(MEANINGS + 0x62, 0x08)
  store<u8>(MEANINGS + 0x66, 0x0c)
  store<u8>(MEANINGS + 0x6e, 0x0a)
  store<u8>(MEANINGS + 0x72, 0x0d)
  store<u8>(MEANINGS + 0x74, 0x09)
}

/**
 * Writes at `out` the bytes that [start, end) stands for, the content of a JSON string that is checked to be valid, and returns where they ended. Reads
 * up to 16 bytes past `end`, writes up to 16 past what it returns.
 */
export function unescape(start: usize, end: usize, out: usize): usize {
  let at = start
  while (at < end) {
    const bytes = v128.load(at)
    v128.store(out, bytes)
    const found = i8x16.eq(bytes, each(BACKSLASH))
    const count: usize = v128.any_true(found) ? <usize>ctz(i8x16.bitmask(found)) : 16
    at += count
    out += count
    if (count == 16 || at >= end) continue
    const letter: u32 = load<u8>(at, 1)
    if (letter != LETTER_U) {
      store<u8>(out++, load<u8>(MEANINGS + letter))
      at += 2
      continue
    }
    const unit = unitAt(at)
    const isPair = beginsPair(unit)
    out = writeCharacter(isPair ? 0x10000 + ((unit & 0x3ff) << 10) + (unitAt(at + 6) & 0x3ff) : unit, out)
    at += isPair ? 12 : 6
  }
  return out - (at - end)
}

function writeCharacter(code: u32, out: usize): usize {
  if (code < 0x80) {
    store<u8>(out, <u8>code)
    return out + 1
  }
  if (code < 0x800) {
    store<u16>(out, <u16>(0x80c0 | (code >> 6) | ((code & 0x3f) << 8)))
    return out + 2
  }
  if (code < 0x10000) {
    store<u32>(out, 0x8080e0 | (code >> 12) | ((code & 0xfc0) << 2) | ((code & 0x3f) << 16))
    return out + 3
  }
  store<u32>(out, 0x808080f0 | (code >> 18) | ((code & 0x3f000) >> 4) | ((code & 0xfc0) << 10) | ((code & 0x3f) << 24))
  return out + 4
}
