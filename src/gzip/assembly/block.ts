import { addBits, addBytes, fillByte, flushBits } from './bits'
import { makeCode } from './huffman'
import {
  DISTANCE_SYMBOLS,
  distanceBits,
  distanceExtra,
  END_OF_BLOCK,
  LEAST_LENGTH,
  LENGTH_SYMBOLS,
  lengthBits,
  lengthExtra,
  MOST_LENGTH,
  symbolOfDistance,
  symbolOfLength,
} from './symbols'
import {
  DISTANCES,
  endOfTokens,
  LITERALS,
  TOKEN_DISTANCE,
  TOKEN_LENGTH,
  TOKEN_LITERALS,
  TOKEN_SIZE,
  TOKENS,
} from './tokens'

// One block of a deflate stream: with codes of its own, or stored as it is where that is shorter.

const STORED: u64 = 0
const DYNAMIC: u64 = 2
const MOST_STORED: usize = 65535
const LONGEST_CODE: u32 = 15
const LONGEST_LENGTH_CODE: u32 = 7
/** Symbols of the code in which code lengths are written: 0 to 15, repeat, zeros, many zeros. */
const LENGTH_CODE_SYMBOLS: u32 = 19
const REPEAT: u32 = 16
const ZEROS: u32 = 17
const MANY_ZEROS: u32 = 18
/** Their order in the header (RFC 1951, 3.2.7). */
const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])

/** Codes: 32 bits each, as `makeCode` writes them. */
const LITERAL_CODES: usize = memory.data(288 * 4, 16)
const DISTANCE_CODES: usize = memory.data(32 * 4, 16)
const HEADER_CODES: usize = memory.data(32 * 4, 16)
const HEADER_COUNTS: usize = memory.data(32 * 4, 16)
/** The code lengths as they are written: a symbol, and its extra bits 8 bits higher, 16 bits each. */
const HEADER: usize = memory.data(320 * 2, 16)
/** Per length less 3: its code and extra bits, and 32 bits higher their number. */
const LENGTH_WORDS: usize = memory.data(256 * 8, 16)

/** Writes the tokens, which are what the bytes [start, end) become. */
export function writeBlock(start: usize, end: usize, isLast: bool): void {
  makeCode(LITERALS, LENGTH_SYMBOLS, LONGEST_CODE, LITERAL_CODES)
  makeCode(DISTANCES, DISTANCE_SYMBOLS, LONGEST_CODE, DISTANCE_CODES)
  const headerEnd = describeCodes()
  if (bitsOfTokens() >= (<u64>(end - start)) << 3) return writeStored(start, end, isLast)
  addBits(u64(isLast) | (DYNAMIC << 1), 3)
  writeHeader(headerEnd)
  prepareLengths()
  writeTokens(start)
  const code = load<u32>(LITERAL_CODES + (END_OF_BLOCK << 2))
  addBits(code & 0xffff, code >> 16)
  flushBits()
}

function bitsOfTokens(): u64 {
  let bits: u64 = 0
  for (let symbol: u32 = 0; symbol < LENGTH_SYMBOLS; symbol += 1) {
    const length = load<u32>(LITERAL_CODES + (symbol << 2)) >> 16
    const extra = symbol > END_OF_BLOCK ? lengthBits(symbol) : 0
    bits += <u64>load<u32>(LITERALS + (symbol << 2)) * (length + extra)
  }
  for (let symbol: u32 = 0; symbol < DISTANCE_SYMBOLS; symbol += 1) {
    const length = load<u32>(DISTANCE_CODES + (symbol << 2)) >> 16
    bits += <u64>load<u32>(DISTANCES + (symbol << 2)) * (length + distanceBits(symbol))
  }
  return bits
}

function writeStored(start: usize, end: usize, isLast: bool): void {
  let at = start
  do {
    const length = min(end - at, MOST_STORED)
    addBits(u64(isLast && at + length == end) | (STORED << 1), 3)
    fillByte()
    addBits(<u64>length | ((<u64>(~(<u32>length) & 0xffff)) << 16), 32)
    flushBits()
    addBytes(at, length)
    at += length
  } while (at < end)
}

/** Literal and distance codes that are written: up to the last that occurs. */
function usedOf(codes: usize, symbols: u32, least: u32): u32 {
  let used = symbols
  while (used > least && load<u32>(codes + ((used - 1) << 2)) == 0) used -= 1
  return used
}

/** Writes the lengths of both codes to HEADER, repeated ones together, and makes the code for that. Returns its end. */
function describeCodes(): usize {
  const literals = usedOf(LITERAL_CODES, LENGTH_SYMBOLS, 257)
  const distances = usedOf(DISTANCE_CODES, DISTANCE_SYMBOLS, 1)
  const all = literals + distances
  memory.fill(HEADER_COUNTS, 0, 128)
  let to = HEADER
  for (let index: u32 = 0; index < all; ) {
    const length = lengthAt(index, literals)
    let run: u32 = 1
    while (index + run < all && lengthAt(index + run, literals) == length) run += 1
    index += run
    if (length != 0) {
      to = describe(to, length, 0)
      run -= 1
    }
    while (run >= 3) {
      const most: u32 = length != 0 ? 6 : run < 11 ? 10 : 138
      const taken = min(run, most)
      if (length != 0) to = describe(to, REPEAT, taken - 3)
      else to = taken < 11 ? describe(to, ZEROS, taken - 3) : describe(to, MANY_ZEROS, taken - 11)
      run -= taken
    }
    for (; run > 0; run -= 1) to = describe(to, length, 0)
  }
  makeCode(HEADER_COUNTS, LENGTH_CODE_SYMBOLS, LONGEST_LENGTH_CODE, HEADER_CODES)
  return to
}

function lengthAt(index: u32, literals: u32): u32 {
  return index < literals
    ? load<u32>(LITERAL_CODES + (index << 2)) >> 16
    : load<u32>(DISTANCE_CODES + ((index - literals) << 2)) >> 16
}

function describe(to: usize, symbol: u32, extra: u32): usize {
  store<u16>(to, <u16>(symbol | (extra << 8)))
  const at = HEADER_COUNTS + (symbol << 2)
  store<u32>(at, load<u32>(at) + 1)
  return to + 2
}

function writeHeader(headerEnd: usize): void {
  let lengths: u32 = LENGTH_CODE_SYMBOLS
  while (lengths > 4 && load<u32>(HEADER_CODES + ((<usize>load<u8>(ORDER + lengths - 1)) << 2)) == 0) lengths -= 1
  addBits(usedOf(LITERAL_CODES, LENGTH_SYMBOLS, 257) - 257, 5)
  addBits(usedOf(DISTANCE_CODES, DISTANCE_SYMBOLS, 1) - 1, 5)
  addBits(lengths - 4, 4)
  flushBits()
  for (let index: u32 = 0; index < lengths; index += 1) {
    addBits(load<u32>(HEADER_CODES + ((<usize>load<u8>(ORDER + index)) << 2)) >> 16, 3)
    flushBits()
  }
  for (let at = HEADER; at < headerEnd; at += 2) {
    const symbol = <u32>load<u8>(at)
    const code = load<u32>(HEADER_CODES + (symbol << 2))
    addBits(code & 0xffff, code >> 16)
    if (symbol >= REPEAT) addBits(load<u8>(at, 1), symbol == REPEAT ? 2 : symbol == ZEROS ? 3 : 7)
    flushBits()
  }
}

function prepareLengths(): void {
  for (let length: u32 = LEAST_LENGTH; length <= MOST_LENGTH; length += 1) {
    const symbol = symbolOfLength(length)
    const code = load<u32>(LITERAL_CODES + (symbol << 2))
    const at = LENGTH_WORDS + ((length - LEAST_LENGTH) << 3)
    store<u32>(at, (code & 0xffff) | (lengthExtra(length, symbol) << (code >> 16)))
    store<u32>(at, (code >> 16) + lengthBits(symbol), 4)
  }
}

function writeTokens(start: usize): void {
  const tokensEnd = endOfTokens()
  let at = start
  for (let token = TOKENS; token < tokensEnd; token += TOKEN_SIZE) {
    const match = at + load<u32>(token, TOKEN_LITERALS)
    for (; at + 3 <= match; at += 3) {
      addLiteral(at)
      addLiteral(at + 1)
      addLiteral(at + 2)
      flushBits()
    }
    for (; at < match; at += 1) addLiteral(at)
    flushBits()
    const length = load<u32>(token, TOKEN_LENGTH)
    if (length > 0) writeMatch(length, load<u32>(token, TOKEN_DISTANCE))
    at += length
  }
}

function addLiteral(at: usize): void {
  const code = load<u32>(LITERAL_CODES + ((<usize>load<u8>(at)) << 2))
  addBits(code & 0xffff, code >> 16)
}

function writeMatch(length: u32, distance: u32): void {
  const at = LENGTH_WORDS + ((length - LEAST_LENGTH) << 3)
  addBits(load<u32>(at), load<u32>(at, 4))
  const symbol = symbolOfDistance(distance)
  const code = load<u32>(DISTANCE_CODES + (symbol << 2))
  const bits = code >> 16
  addBits((code & 0xffff) | (distanceExtra(distance, symbol) << bits), bits + distanceBits(symbol))
  flushBits()
}
