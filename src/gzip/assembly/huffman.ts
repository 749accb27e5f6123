// Huffman codes of limited length. Codes are canonical, and reversed: deflate writes their first bit first (RFC 1951, 3.1.1 and 3.2.2).

/** The most symbols of a code, and bits of a length code. */
const MOST_SYMBOLS = 288
/** A symbol's number is in the lower bits of a sort key. */
const SYMBOL_BITS: u32 = 9
const SYMBOL_MASK: u32 = (1 << SYMBOL_BITS) - 1
const LONGEST: u32 = 15

/** Per symbol that occurs: its frequency and number, in rising order; later its parent and its depth. */
const KEYS: usize = memory.data(MOST_SYMBOLS * 4, 16)
const DEPTHS: usize = memory.data(MOST_SYMBOLS * 4, 16)
/** Number of symbols per length, and the next code of a length. */
const OF_LENGTH: usize = memory.data(32 * 4, 16)
const NEXT_CODE: usize = memory.data(32 * 4, 16)

/**
 * Makes a code for `symbols` symbols with the frequencies (32 bits) at `frequencies`, below 2^23: to `codes`, 32 bits each, the code in the lower half
 * and its length in the upper one; 0 for a symbol that does not occur. A single symbol gets one bit.
 */
export function makeCode(frequencies: usize, symbols: u32, longest: u32, codes: usize): void {
  const used = sortUsed(frequencies, symbols)
  memory.fill(codes, 0, symbols << 2)
  memory.fill(OF_LENGTH, 0, 128)
  if (used == 0) return
  findDepths(used)
  countLengths(used, longest)
  assign(used, codes)
  canonical(symbols, codes)
}

/** The keys of the symbols that occur, in rising order. */
function sortUsed(frequencies: usize, symbols: u32): u32 {
  let used: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol += 1) {
    const frequency = load<u32>(frequencies + (symbol << 2))
    if (frequency == 0) continue
    store<u32>(KEYS + (used << 2), (frequency << SYMBOL_BITS) | symbol)
    used += 1
  }
  for (let gap: u32 = 57; gap > 0; gap = gap == 57 ? 10 : gap == 10 ? 4 : gap == 4 ? 1 : 0) {
    for (let index: u32 = gap; index < used; index += 1) {
      const key = load<u32>(KEYS + (index << 2))
      let at = index
      for (; at >= gap && load<u32>(KEYS + ((at - gap) << 2)) > key; at -= gap)
        store<u32>(KEYS + (at << 2), load<u32>(KEYS + ((at - gap) << 2)))
      store<u32>(KEYS + (at << 2), key)
    }
  }
  return used
}

function depth(index: u32): u32 {
  return load<u32>(DEPTHS + (index << 2))
}

function setDepth(index: u32, value: u32): void {
  store<u32>(DEPTHS + (index << 2), value)
}

/** The length of each code, the longest first. Moffat and Katajainen, "In-place calculation of minimum-redundancy codes" (1995). */
function findDepths(used: u32): void {
  for (let index: u32 = 0; index < used; index += 1) setDepth(index, load<u32>(KEYS + (index << 2)) >> SYMBOL_BITS)
  if (used == 1) return setDepth(0, 1)
  // Weights of nodes, then their parents.
  let root: u32 = 0
  let leaf: u32 = 2
  setDepth(0, depth(0) + depth(1))
  for (let next: u32 = 1; next < used - 1; next += 1) {
    let weight: u32 = 0
    for (let child = 0; child < 2; child += 1) {
      if (leaf >= used || (root < next && depth(root) < depth(leaf))) {
        weight += depth(root)
        setDepth(root, next)
        root += 1
      } else {
        weight += depth(leaf)
        leaf += 1
      }
    }
    setDepth(next, weight)
  }
  // Depths of nodes.
  setDepth(used - 2, 0)
  for (let index = <i32>used - 3; index >= 0; index -= 1) setDepth(index, depth(depth(index)) + 1)
  // Depths of leaves.
  let available: u32 = 1
  let node = <i32>used - 2
  let next = <i32>used - 1
  for (let level: u32 = 0; available > 0; level += 1) {
    let inner: u32 = 0
    for (; node >= 0 && depth(node) == level; node -= 1) inner += 1
    for (; available > inner; available -= 1) {
      setDepth(next, level)
      next -= 1
    }
    available = inner * 2
  }
}

/** How many codes have which length. Codes that are too long are made shorter, and others longer for that. */
function countLengths(used: u32, longest: u32): void {
  let total: u32 = 0
  for (let index: u32 = 0; index < used; index += 1) {
    const length = min(depth(index), longest)
    store<u32>(OF_LENGTH + (length << 2), load<u32>(OF_LENGTH + (length << 2)) + 1)
    total += 1 << (longest - length)
  }
  for (; total > 1 << longest; total -= 1) {
    store<u32>(OF_LENGTH + (longest << 2), load<u32>(OF_LENGTH + (longest << 2)) - 1)
    let length = longest - 1
    while (load<u32>(OF_LENGTH + (length << 2)) == 0) length -= 1
    store<u32>(OF_LENGTH + (length << 2), load<u32>(OF_LENGTH + (length << 2)) - 1)
    store<u32>(OF_LENGTH + ((length + 1) << 2), load<u32>(OF_LENGTH + ((length + 1) << 2)) + 2)
  }
}

/** The longest codes go to the rarest symbols. */
function assign(used: u32, codes: usize): void {
  let index: u32 = 0
  for (let length: u32 = LONGEST; length > 0; length -= 1) {
    for (let left = load<u32>(OF_LENGTH + (length << 2)); left > 0; left -= 1) {
      const symbol = load<u32>(KEYS + (index << 2)) & SYMBOL_MASK
      store<u32>(codes + (symbol << 2), length << 16)
      index += 1
    }
  }
}

function canonical(symbols: u32, codes: usize): void {
  let code: u32 = 0
  for (let length: u32 = 1; length <= LONGEST; length += 1) {
    code = (code + load<u32>(OF_LENGTH + ((length - 1) << 2))) << 1
    store<u32>(NEXT_CODE + (length << 2), code)
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol += 1) {
    const length = load<u32>(codes + (symbol << 2)) >> 16
    if (length == 0) continue
    const next = load<u32>(NEXT_CODE + (length << 2))
    store<u32>(NEXT_CODE + (length << 2), next + 1)
    store<u32>(codes + (symbol << 2), (length << 16) | reversed(next, length))
  }
}

function reversed(code: u32, length: u32): u32 {
  let all = code
  all = ((all & 0x5555) << 1) | ((all >> 1) & 0x5555)
  all = ((all & 0x3333) << 2) | ((all >> 2) & 0x3333)
  all = ((all & 0x0f0f) << 4) | ((all >> 4) & 0x0f0f)
  all = ((all & 0x00ff) << 8) | (all >> 8)
  return all >> (16 - length)
}
