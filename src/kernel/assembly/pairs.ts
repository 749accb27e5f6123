// Pairs of bytes that a secret may have, in 16 classes: a block of 16 bytes is looked at in one go, as Teddy does it (Hyperscan). A byte is of a class
// if the tables of its lower and of its upper half have that class's bit in common; so a class may have a few pairs more than are wanted.

/** Four tables of 16 bytes for each half of the classes: by the lower half of a pair's first byte, by its upper half, and the same of its second byte. */
export const PAIRS: usize = memory.data(128, 16)
const TABLES_SIZE: usize = 64
/** Those of the second half. */
export const TOKEN_TABLES: usize = PAIRS + TABLES_SIZE

/** Classes of the first half. All of the second half are of tokens. */
export const AT_SIGN: u32 = 1 << 0
/** A digit and a point. */
const POINTS: u32 = 1
/** From their bit to a byte's highest one, of which there is a mask. */
export const POINTS_TO_SIGN: i32 = 7 - POINTS
/** `::`, `\u` and `\n`. */
export const COLONS: u32 = 1 << 2
export const TOKEN_PAIRS: u32 = 0x38
/** A colon and a hexadecimal digit: where a group of an address ends. */
export const GROUP_ENDS: u32 = 1 << 6
/** Of two digits: a byte's highest bit, of which there is a mask. */
const DIGITS: u32 = 7

/** Fills the tables; to be called once. */
export function preparePairs(): void {
  for (let byte: u32 = 0; byte < 256; byte += 1) first(0, 0, byte)
  second(0, 0, 0x40)
  for (let digit: u32 = 0x30; digit <= 0x39; digit += 1) {
    first(0, POINTS, digit)
    first(0, DIGITS, digit)
    second(0, DIGITS, digit)
    second(0, 6, digit)
  }
  second(0, POINTS, 0x2e)
  pair(0, 6, ':', 'abcdefABCDEF')
  pair(0, 2, ':\\', ':un')
  // `api_key`, `api-key`, `apikey`, `token`, in either case, as the next ones.
  pair(0, 3, '_-', '')
  folded(0, 3, 'io', 'k')
  // `password`, `passwd`, `secret`.
  folded(0, 4, 'sc', 'wr')
  // `sk_live_`, `do_v1_`, `npm_`, `hf_`.
  pair(0, 5, 'oemf', '_')
  // `ghp_` and its like, `github_pat_`, `sk_test_`.
  pair(1, 0, 'pusrt', '_')
  // `secretKey`, `accesskey`, `privateKey`, `AccountKey`.
  folded(1, 1, 'tse', 'k')
  // `AKIA`, `:AA`, `-BEGIN`.
  pair(1, 2, 'I:-', 'AB')
  // `Bearer`, `xox`.
  pair(1, 3, 'Bo', 'eEx')
  // `authorization`, `AIza`, `eyJ`.
  pair(1, 4, 'iIy', 'zZJ')
  // `slack.`, `sk-`.
  pair(1, 5, 'k', '.-')
  // `webhooks`, `glpat-`.
  pair(1, 6, 'bl', 'hp')
  // `pwd=`, `sig=`.
  pair(1, 7, 'dgDG', '=')
}

function pair(half: usize, index: u32, firsts: string, seconds: string): void {
  for (let at = 0; at < firsts.length; at += 1) first(half, index, firsts.charCodeAt(at))
  for (let at = 0; at < seconds.length; at += 1) second(half, index, seconds.charCodeAt(at))
}

/** Small letters, and the same as capitals. */
function folded(half: usize, index: u32, firsts: string, seconds: string): void {
  pair(half, index, firsts, seconds)
  for (let at = 0; at < firsts.length; at += 1) first(half, index, firsts.charCodeAt(at) ^ 0x20)
  for (let at = 0; at < seconds.length; at += 1) second(half, index, seconds.charCodeAt(at) ^ 0x20)
}

function first(half: usize, index: u32, byte: u32): void {
  mark(PAIRS + half * TABLES_SIZE, index, byte)
}

function second(half: usize, index: u32, byte: u32): void {
  mark(PAIRS + half * TABLES_SIZE + 32, index, byte)
}

function mark(tables: usize, index: u32, byte: u32): void {
  const bit = <u8>((<u32>1) << index)
  const low = tables + (byte & 0x0f)
  const high = tables + 16 + (byte >> 4)
  store<u8>(low, load<u8>(low) | bit)
  store<u8>(high, load<u8>(high) | bit)
}
