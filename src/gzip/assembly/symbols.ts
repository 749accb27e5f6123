// Lengths and distances as deflate writes them: a symbol and extra bits (RFC 1951, 3.2.5).

export const END_OF_BLOCK: u32 = 256
export const LENGTH_SYMBOLS: u32 = 286
export const DISTANCE_SYMBOLS: u32 = 30
export const LEAST_LENGTH: u32 = 3
export const MOST_LENGTH: u32 = 258

/** Per length less 3: its symbol. */
const SYMBOL_OF_LENGTH: usize = memory.data(256, 16)
/** Per symbol from 257 on: the first length, less 3, and extra bits. */
const FIRST_LENGTHS: usize = memory.data(32, 16)
const LENGTH_BITS: usize = memory.data(32, 16)
/** Per distance less 1, for 256 of them; then per 128th part of that. */
const SYMBOL_OF_DISTANCE: usize = memory.data(512, 16)
const FIRST_DISTANCES: usize = memory.data(32 * 4, 16)
const DISTANCE_BITS: usize = memory.data(32, 16)

export function symbolOfLength(length: u32): u32 {
  return 257 + load<u8>(SYMBOL_OF_LENGTH + length - LEAST_LENGTH)
}

/** The number of its extra bits. */
export function lengthBits(symbol: u32): u32 {
  return load<u8>(LENGTH_BITS + symbol - 257)
}

export function lengthExtra(length: u32, symbol: u32): u32 {
  return length - LEAST_LENGTH - load<u8>(FIRST_LENGTHS + symbol - 257)
}

export function symbolOfDistance(distance: u32): u32 {
  const from: usize = distance - 1
  return load<u8>(SYMBOL_OF_DISTANCE + (from < 256 ? from : 256 + (from >> 7)))
}

export function distanceBits(symbol: u32): u32 {
  return load<u8>(DISTANCE_BITS + symbol)
}

export function distanceExtra(distance: u32, symbol: u32): u32 {
  return distance - load<u32>(FIRST_DISTANCES + (symbol << 2))
}

export function prepareSymbols(): void {
  let length: u32 = 0
  for (let symbol: u32 = 0; symbol < 28; symbol += 1) {
    const bits: u32 = symbol < 8 ? 0 : (symbol - 4) >> 2
    store<u8>(LENGTH_BITS + symbol, bits)
    store<u8>(FIRST_LENGTHS + symbol, length)
    memory.fill(SYMBOL_OF_LENGTH + length, <u8>symbol, 1 << bits)
    length += 1 << bits
  }
  // The greatest length has a symbol of its own.
  store<u8>(FIRST_LENGTHS + 28, 255)
  store<u8>(SYMBOL_OF_LENGTH + 255, 28)
  let distance: u32 = 0
  for (let symbol: u32 = 0; symbol < DISTANCE_SYMBOLS; symbol += 1) {
    const bits: u32 = symbol < 4 ? 0 : (symbol - 2) >> 1
    store<u8>(DISTANCE_BITS + symbol, bits)
    store<u32>(FIRST_DISTANCES + (symbol << 2), distance + 1)
    if (distance < 256) memory.fill(SYMBOL_OF_DISTANCE + distance, <u8>symbol, 1 << bits)
    else memory.fill(SYMBOL_OF_DISTANCE + 256 + (distance >> 7), <u8>symbol, 1 << (bits - 7))
    distance += 1 << bits
  }
}
