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
/** Bytes of a match that is added at once, besides MOST_LENGTH in front of where it was found. */
export const MOST_MATCH: usize = 65536

export const TOKENS: usize = (__heap_base + 15) & ~15
/** The parts of one more match have room. */
export const TOKENS_END: usize = TOKENS + (MOST_TOKENS + MOST_MATCH / MOST_LENGTH + 3) * TOKEN_SIZE
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
  return next >= TOKENS + MOST_TOKENS * TOKEN_SIZE
}

/** Adds the bytes [at, match) and a match, in parts if deflate has none so long; a length of 0 is none. */
export function addToken(at: usize, match: usize, length: u32, distance: u32): void {
  for (let place = at; place < match; place += 1) count(LITERALS + ((<usize>load<u8>(place)) << 2))
  let literals = <u32>(match - at)
  let left = length
  do {
    const part = partOf(left)
    store<u32>(next, literals, TOKEN_LITERALS)
    store<u32>(next, part, TOKEN_LENGTH)
    store<u32>(next, distance, TOKEN_DISTANCE)
    next += TOKEN_SIZE
    if (part > 0) {
      count(LITERALS + (symbolOfLength(part) << 2))
      count(DISTANCES + (symbolOfDistance(distance) << 2))
    }
    literals = 0
    left -= part
  } while (left > 0)
}

/** As much as one match may have; what is left has 3 bytes or more. */
function partOf(length: u32): u32 {
  if (length <= MOST_LENGTH) return length
  return length < MOST_LENGTH + LEAST_LENGTH ? length - LEAST_LENGTH : MOST_LENGTH
}

function count(at: usize): void {
  store<u32>(at, load<u32>(at) + 1)
}
