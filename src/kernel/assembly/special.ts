import { isDigit, isLetter, leadingOfName } from './bytes'

// Hot file: runs over each line's first bytes while lines are joined. Guarded by test/bench.

/** By a line's first byte, when the line is special. */
const FIRSTS: usize = memory.data(256, 16)
const ALWAYS: u8 = 1
/** If its first four bytes are known ones. */
const BY_FOUR: u8 = 2
/** If its second byte is a known one. */
const BY_SECOND: u8 = 4
/** If it ends in a colon and a number. */
const BY_LAST: u8 = 8
/** If it has no other byte. */
const ALONE: u8 = 16

/** The first four bytes of special lines, found by their digest. */
const FOURS: usize = memory.data(128, 16)
/** An odd number, found by trying, with which no two of them meet in one slot. */
const DIGEST: u32 = 0x399971ed

const SPACE: u32 = 0x20
const DOLLAR: u32 = 0x24
const OPENING_PARENTHESIS: u32 = 0x28
const COLON: u32 = 0x3a
const OPENING_BRACKET: u32 = 0x5b
const BACKSLASH: u32 = 0x5c
const UNDERSCORE: u32 = 0x5f
const SMALL_A: u32 = 0x61
const SMALL_U: u32 = 0x75
/** Between a capital letter and its small one. */
const CASE_BIT: u32 = 0x20
const SLASH: u32 = 0x2f
/** `Exception in thread`, `Uncaught`, `created by`: four bytes as they are loaded. */
const EXCE: u32 = 0x65637845
const UNCA: u32 = 0x61636e55
const CREA: u32 = 0x61657263
/** The first two bytes of `#0 ` and `** (`, as they are loaded. */
const HASH_ZERO: u32 = 0x3023
const TWO_STARS: u32 = 0x2a2a

/** Fills the tables; to be called once. */
export function prepareSpecial(): void {
  mark('\t\r "<^}', ALWAYS)
  mark('\\', ALWAYS) // docker's tab
  mark('#*', BY_SECOND)
  mark('/', BY_LAST)
  mark('{', ALONE)
  add('Trac') // Traceback
  add('Caus')
  add('Supp')
  add('Wrap')
  add('Stac')
  add('stac')
  add('goro')
  add('runt')
  add('[sig')
  add('[sta')
  add('thre')
  add('Unha')
  add('file')
  add('node')
  add('E, [')
  add('F, [')
  add('W, [')
  add('----')
}

function mark(bytes: string, when: u8): void {
  for (let index = 0; index < bytes.length; index += 1) store<u8>(FIRSTS + bytes.charCodeAt(index), when)
}

function add(four: string): void {
  const bytes = fourOf(four)
  store<u32>(slotOf(bytes), bytes)
  mark(four.charAt(0), BY_FOUR)
}

/** Four bytes as they are loaded. */
function fourOf(text: string): u32 {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24)
}

function slotOf(four: u32): usize {
  return FOURS + (((four * DIGEST) >> 27) << 2)
}

/**
 * 1 if a line may follow another one in a record, or begin one whose next line may be any, and 0 if not. Where neither a line nor the two behind it are special,
 * nothing is joined to it: so hardly any line of usual logs is looked at closely. Hardly a branch, since nobody can foresee
 * the words of a text. Reads 4 bytes, and one before an empty body.
 */
export function isSpecial(body: usize, bytes: u32): u32 {
  const when: u32 = load<u8>(FIRSTS + load<u8>(body))
  const four = load<u32>(body)
  const two = four & 0xffff
  // Too short to tell, or a docker record, which may have any of the bytes escaped.
  const isUnclear = <u32>(bytes < 4) | hasBackslash(four)
  const isFour = isUnclear | <u32>(load<u32>(slotOf(four)) == four)
  const isTwo = isUnclear | <u32>(two == HASH_ZERO) | <u32>(two == TWO_STARS)
  // Most lines that begin like that end otherwise.
  const mayBePlace = (when >> 3) & <u32>isDigit(load<u8>(body + bytes - 1))
  const isPlace = (mayBePlace & 1) != 0 ? <u32>endsInNumber(body, bytes) : 0
  const isIt = when | ((when >> 1) & isFour) | ((when >> 2) & isTwo) | isPlace
  return (isIt | ((when >> 4) & <u32>(bytes == 1)) | <u32>(bytes == 0)) & 1
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

function hasBackslash(four: u32): u32 {
  const others = four ^ 0x5c5c5c5c
  return <u32>(((others - 0x01010101) & ~others & 0x80808080) != 0)
}

/** `:12`; or what a docker record may have in its place, `\u003a12` and `:\u00312`. */
function endsInNumber(body: usize, bytes: u32): bool {
  let at = body + bytes - 1
  while (at > body && isDigit(load<u8>(at))) at -= 1
  const before: u32 = load<u8>(at)
  return before == COLON || before == SMALL_U || (before | CASE_BIT) == SMALL_A
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
  return word == EXCE || word == UNCA || word == CREA
}
