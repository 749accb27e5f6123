import * as layout from '../layout'

// Tables by which blocks of 16 bytes are looked at in one go, as Teddy does it (Hyperscan). A byte is of a class if the tables of its lower and of its
// upper half have that class's bit in common; so a class of pairs may have a few more than are wanted.

/** By the lower half of a byte, and by its upper half: whether it is a digit, and so on. */
export const BYTE_TABLES: usize = memory.data(32, 16)
/** Of their bits. The highest one is what a mask is made of. */
const DIGIT: u32 = 7
const BETWEEN: u32 = 6
const POINT: u32 = 5
const COLON: u32 = 4
const DIGITS = '0123456789'
/** Presets that have pairs. */
const PAIRED: u32 = layout.LOOK_EMAILS | layout.LOOK_TOKENS | layout.LOOK_IPS
/** From a bit to the highest one. */
export const BETWEEN_TO_SIGN: i32 = DIGIT - BETWEEN
export const POINT_TO_SIGN: i32 = DIGIT - POINT
export const COLON_TO_SIGN: i32 = DIGIT - COLON

/** Of pairs that a secret may have, for each choice of presets: by the lower half of a pair's first byte, by its upper half, and the same of its second byte. */
const PAIR_TABLES: usize = memory.data(512, 16)
const TABLES_SIZE: usize = 64
const SECOND: usize = 32

/** For each of four bytes, the last two of which are a pair: a bit for each secret that may have this one there. */
const SECRETS: usize = memory.data(4096, 16)
const SECRETS_SIZE: u32 = 1024
let secretCount: u32 = 0

/** Tables for the presets that are wanted: bits as in layout.ts. Cards have no pairs. */
export function pairTables(wanted: u32): usize {
  return PAIR_TABLES + <usize>((wanted & PAIRED) / layout.LOOK_EMAILS) * TABLES_SIZE
}

/** Not 0 if the four bytes up to `at` may be a part of a secret. */
export function secretsAt(at: usize): u32 {
  return (
    secretsOf(0, load<u8>(at - 3)) &
    secretsOf(1, load<u8>(at - 2)) &
    secretsOf(2, load<u8>(at - 1)) &
    secretsOf(3, load<u8>(at))
  )
}

function secretsOf(place: u32, byte: u32): u32 {
  return load<u32>(SECRETS + place * SECRETS_SIZE + (byte << 2))
}

/**
 * Fills the tables; to be called once. Which pairs share a class was chosen by what is rare in logs of Kubernetes: a line of them has two or three.
 * What else must stand around the four bytes is in triggers.ts.
 */
export function preparePairs(): void {
  for (let digit: u32 = 0x30; digit <= 0x39; digit += 1) mark(BYTE_TABLES, DIGIT, digit)
  mark(BYTE_TABLES, BETWEEN, 0x20)
  mark(BYTE_TABLES, BETWEEN, 0x2d)
  mark(BYTE_TABLES, POINT, 0x2e)
  mark(BYTE_TABLES, COLON, 0x3a)

  secret(layout.LOOK_EMAILS | layout.LOOK_TOKENS, 0, '', '', '', '@')
  secret(layout.LOOK_IPS, 4, '', '', ':', ':')
  secret(PAIRED | layout.LOOK_CARDS, 5, '', '', '\\', 'u')
  const tokens: u32 = layout.LOOK_TOKENS
  // A key behind `\n`, or in front of it.
  secret(tokens, 5, '', '', '\\', 'n')
  secret(tokens, 7, '', '', 'B', 'eE') // Bearer, -----BEGIN
  secret(tokens, 7, 'A', 'KS', 'I', 'A') // AKIA, ASIA
  secret(tokens, 2, '', 'A', 'I', 'z') // AIza
  secret(tokens, 6, '', DIGITS, ':', 'A') // 12345678:AA
  secret(tokens, 1, '', 'sr', 'k', '_') // sk_live_, rk_test_
  secret(tokens, 1, '', 's', 'k', '-') // sk-
  secret(tokens, 1, '', 'h', 'f', '_') // hf_
  secret(tokens, 3, '', '', 'g', 'h') // ghp_ and its like
  secret(tokens, 3, '', 'g', 'l', 'p') // glpat-
  secret(tokens, 3, '', 'x', 'o', 'x') // xoxb- and its like
  secret(tokens, 3, 'h', 'o', 'o', 'k') // hooks.slack, webhooks
  secret(tokens, 4, 'p', 'a', 't', '_') // github_pat_ and its like
  secret(tokens, 4, '', 'e', 'y', 'J') // eyJ
  secret(tokens, 5, 'o', 'opr', '_', 'v') // dop_v1_
  secret(tokens, 6, 'n', 'p', 'm', '_') // npm_
  // Names, in either case.
  secret(tokens, 2, '-_eEiIsStT', 'kK', 'eE', 'yY') // api_key, accessKey
  secret(tokens, 2, 'oO', 'rR', 'iI', 'zZ') // authorization
  secret(tokens, 2, '', '', 'pP', 'wW') // pwd=
  secret(tokens, 3, '', 'tT', 'oO', 'kK') // token
  secret(tokens, 1, '', '', '&', 'sS') // sig=
  secret(tokens, 5, '', '', '?;', 'sS')
  secret(tokens, 6, 'aA', 'sS', 'sS', 'wW') // password, passwd
  secret(tokens, 6, 'sS', 'eE', 'cC', 'rR') // secret
}

/** Four bytes, each one of these, or any if it is ''. The last two are a pair of that class where one of `presets` is wanted. */
function secret(presets: u32, index: u32, first: string, second: string, third: string, fourth: string): void {
  const bit = (<u32>1) << secretCount
  secretCount += 1
  allow(0, bit, first)
  allow(1, bit, second)
  allow(2, bit, third)
  allow(3, bit, fourth)
  for (let wanted: u32 = 0; wanted <= PAIRED; wanted += layout.LOOK_EMAILS) {
    if (((wanted | layout.LOOK_CARDS) & presets) == 0) continue
    markAll(pairTables(wanted), index, third)
    markAll(pairTables(wanted) + SECOND, index, fourth)
  }
}

function allow(place: u32, bit: u32, bytes: string): void {
  for (let byte: u32 = 0; byte < 256; byte += 1) {
    const at = SECRETS + place * SECRETS_SIZE + (byte << 2)
    if (allows(bytes, byte)) store<u32>(at, load<u32>(at) | bit)
  }
}

function markAll(tables: usize, index: u32, bytes: string): void {
  for (let byte: u32 = 0; byte < 256; byte += 1) if (allows(bytes, byte)) mark(tables, index, byte)
}

function allows(bytes: string, byte: u32): bool {
  for (let at = 0; at < bytes.length; at += 1) if (<u32>bytes.charCodeAt(at) == byte) return true
  return bytes.length == 0
}

function mark(tables: usize, index: u32, byte: u32): void {
  const bit = <u8>((<u32>1) << index)
  const low = tables + (byte & 0x0f)
  const high = tables + 16 + (byte >> 4)
  store<u8>(low, load<u8>(low) | bit)
  store<u8>(high, load<u8>(high) | bit)
}
