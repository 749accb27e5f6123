import { isLetter, leadingOfName } from './bytes'

// Hot file: runs over each line's first bytes while lines are joined. Guarded by test/bench.

/** By a line's first byte: 0 if it is not special, 1 if it is, 2 if its first four bytes tell. */
const FIRSTS: usize = memory.data(256, 16)

/** Four bytes as they are loaded. */
const TRAC: u32 = 0x63617254
const CAUS: u32 = 0x73756143
const SUPP: u32 = 0x70707553
const WRAP: u32 = 0x70617257
const STACK_CAPITAL: u32 = 0x63617453
const STACK_SMALL: u32 = 0x63617473
const GORO: u32 = 0x6f726f67
const THRE: u32 = 0x65726874
const UNHA: u32 = 0x61686e55
const FILE: u32 = 0x656c6966
const NODE: u32 = 0x65646f6e
/** `Exception in thread`, `Uncaught` */
const EXCE: u32 = 0x65637845
const UNCA: u32 = 0x61636e55
const RUNT: u32 = 0x746e7572
const SIG: u32 = 0x6769735b
const STA: u32 = 0x6174735b
/** `E, [`, `F, [`, `W, [` */
const E_LOG: u32 = 0x5b202c45
const F_LOG: u32 = 0x5b202c46
const W_LOG: u32 = 0x5b202c57
const DASHES: u32 = 0x2d2d2d2d
/** The first two of them. */
const HASH_ZERO: u32 = 0x3023
const TWO_STARS: u32 = 0x2a2a

const SPACE: u32 = 0x20
const DOLLAR: u32 = 0x24
const OPENING_PARENTHESIS: u32 = 0x28
const COLON: u32 = 0x3a
const OPENING_BRACKET: u32 = 0x5b
const BACKSLASH: u32 = 0x5c
const UNDERSCORE: u32 = 0x5f
const OPENING_BRACE: u32 = 0x7b
const SLASH: u32 = 0x2f

/** Fills the table; to be called once. */
export function prepareSpecial(): void {
  // Tab, carriage return, space, a quote, `<`, a backslash (docker's tab), `^`, `}`.
  mark(0x09, 1)
  mark(0x0d, 1)
  mark(0x20, 1)
  mark(0x22, 1)
  mark(0x3c, 1)
  mark(0x5c, 1)
  mark(0x5e, 1)
  mark(0x7d, 1)
  // `T`, `C`, `S`, `W`, `E`, `F`, `U`, `f`, `n`, `s`, `g`, `t`, `r`, `[`, `-`, `#`, `*`, `/`, `{`.
  mark(0x54, 2)
  mark(0x43, 2)
  mark(0x53, 2)
  mark(0x57, 2)
  mark(0x45, 2)
  mark(0x46, 2)
  mark(0x55, 2)
  mark(0x66, 2)
  mark(0x6e, 2)
  mark(0x73, 2)
  mark(0x67, 2)
  mark(0x74, 2)
  mark(0x72, 2)
  mark(0x5b, 2)
  mark(0x2d, 2)
  mark(0x23, 2)
  mark(0x2a, 2)
  mark(SLASH, 2)
  mark(OPENING_BRACE, 2)
}

function mark(byte: u32, how: u8): void {
  store<u8>(FIRSTS + byte, how)
}

/**
 * Whether a line may follow another one in a record, or begin one whose next line may be any. Where neither a line nor the two behind it are special,
 * nothing is joined to it: so hardly any line of usual logs is looked at closely. Reads 4 bytes.
 */
export function isSpecial(body: usize, bytes: u32): bool {
  if (bytes == 0) return true
  const first: u32 = load<u8>(FIRSTS + load<u8>(body))
  if (first != 2) return first != 0
  if (load<u8>(body) == SLASH) return endsInNumber(body, bytes)
  if (load<u8>(body) == OPENING_BRACE) return bytes == 1
  if (bytes < 4) return true
  const word = load<u32>(body)
  if (word == TRAC || word == CAUS || word == SUPP || word == WRAP || word == STACK_CAPITAL || word == STACK_SMALL)
    return true
  if (word == GORO || word == THRE || word == RUNT || word == SIG || word == STA || word == DASHES) return true
  if (word == UNHA || word == FILE || word == NODE) return true
  if (word == E_LOG || word == F_LOG || word == W_LOG) return true
  // A docker record may have any of these bytes escaped.
  if (hasBackslash(word)) return true
  const half = word & 0xffff
  return half == HASH_ZERO || half == TWO_STARS
}

/** What a Go function's name has besides letters, digits, points and hyphens, before its arguments. */
export function isOfFunction(byte: u32): bool {
  // `/`, `%`, `~`, `[`, `]`, `(`.
  return (
    byte == SLASH ||
    byte == 0x25 ||
    byte == 0x7e ||
    byte == OPENING_BRACKET ||
    byte == 0x5d ||
    byte == OPENING_PARENTHESIS
  )
}

function hasBackslash(word: u32): bool {
  const others = word ^ 0x5c5c5c5c
  return ((others - 0x01010101) & ~others & 0x80808080) != 0
}

/** `:12` */
function endsInNumber(body: usize, bytes: u32): bool {
  let at = body + bytes - 1
  while (at > body && load<u8>(at) - 0x30 <= 9) at -= 1
  return at < body + bytes - 1 && load<u8>(at) == COLON
}

/**
 * Whether a line that is not special may stand between a log line and the trace behind it: an exception's name and its message, or a function's. Reads 17
 * bytes.
 */
export function mayStandBetween(body: usize, bytes: u32): bool {
  const first: u32 = load<u8>(body)
  if (!isLetter(first) && first != UNDERSCORE) return false
  const nameBytes = <u32>leadingOfName(body)
  if (nameBytes == 16 || nameBytes >= bytes) return true
  const behind: u32 = load<u8>(body + nameBytes)
  const next: u32 = load<u8>(body + nameBytes, 1)
  if (behind == COLON || behind == DOLLAR || behind == BACKSLASH || isOfFunction(behind)) return true
  if (behind != SPACE) return false
  if (next == OPENING_BRACKET || next == OPENING_PARENTHESIS || next == BACKSLASH) return true
  const word = load<u32>(body)
  return word == EXCE || word == UNCA
}
