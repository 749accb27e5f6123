import {
  DISTANCE_SYMBOLS,
  END_OF_BLOCK,
  LEAST_LENGTH,
  LENGTH_SYMBOLS,
  MOST_LENGTH,
  symbolOfDistance,
  symbolOfLength,
} from './symbols'

// The tokens of a block: so many bytes as they are, then a match. Literals stay where they are in the input.

export const TOKEN_SIZE: usize = 12
export const TOKEN_LITERALS: usize = 0
export const TOKEN_LENGTH: usize = 4
export const TOKEN_DISTANCE: usize = 8
/** As many as make a block. With more of them a block's code fits its parts less well. */
const MOST_TOKENS: usize = 16384

export const TOKENS: usize = (__heap_base + 15) & ~15
export const TOKENS_END: usize = TOKENS + MOST_TOKENS * TOKEN_SIZE
/** How often each symbol occurs in the block. */
export const LITERALS: usize = memory.data(288 * 4, 16)
export const DISTANCES: usize = memory.data(32 * 4, 16)

let next: usize = TOKENS

export function beginTokens(): void {
  next = TOKENS
  memory.fill(LITERALS, 0, LENGTH_SYMBOLS << 2)
  memory.fill(DISTANCES, 0, DISTANCE_SYMBOLS << 2)
  store<u32>(LITERALS + (END_OF_BLOCK << 2), 1)
}

export function endOfTokens(): usize {
  return next
}

export function areTokensFull(): bool {
  return next == TOKENS_END
}

/** Adds the bytes [at, match) and a match; a length of 0 is none. */
export function addToken(at: usize, match: usize, length: u32, distance: u32): void {
  store<u32>(next, <u32>(match - at), TOKEN_LITERALS)
  store<u32>(next, length, TOKEN_LENGTH)
  store<u32>(next, distance, TOKEN_DISTANCE)
  next += TOKEN_SIZE
  for (; at < match; at += 1) count(LITERALS + ((<usize>load<u8>(at)) << 2), 1)
  if (length == 0) return
  const most = longestParts(length)
  const rest = length - most * MOST_LENGTH
  if (most > 0) count(LITERALS + (symbolOfLength(MOST_LENGTH) << 2), most)
  let parts = most
  if (rest > 0) {
    parts += countRest(rest)
  }
  count(DISTANCES + (symbolOfDistance(distance) << 2), parts)
}

/** Deflate has no match of more than 258 bytes. So many of them a longer one begins with: what is left has none, or 3 bytes and more. */
export function longestParts(length: u32): u32 {
  const parts = length / MOST_LENGTH
  const rest = length % MOST_LENGTH
  return rest == 0 || rest >= LEAST_LENGTH ? parts : parts - 1
}

/** Bytes of the first part of what `longestParts` leaves: all of it, unless it is one or two bytes too long. */
export function restPart(rest: u32): u32 {
  return rest <= MOST_LENGTH ? rest : rest - LEAST_LENGTH
}

function countRest(rest: u32): u32 {
  const part = restPart(rest)
  count(LITERALS + (symbolOfLength(part) << 2), 1)
  if (part == rest) return 1
  count(LITERALS + (symbolOfLength(rest - part) << 2), 1)
  return 2
}

function count(at: usize, times: u32): void {
  store<u32>(at, load<u32>(at) + times)
}
