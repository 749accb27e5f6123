import { isDigit, isLetter, leadingOfName } from './bytes'

// Hot file: runs over each line's first bytes while lines are joined. Guarded by test/bench. A line is special that may follow another one in a record, or
// begin one whose next line may be any. Where neither a line nor the two behind it are special, nothing is joined to it: so hardly any line of usual logs is
// looked at closely.

/**
 * By a line's first, second and third byte, 256 each: a bit for each kind of special lines that may have it there. A line is no special one whose
 * first three bytes have no bit in common.
 */
const KINDS: usize = memory.data(3 * 256, 16)
const SECOND: usize = 256
const THIRD: usize = 512
/** Of first bytes that are enough, and of `/`. */
const BY_FIRST: u8 = 0x80
/** Of others, with a known second byte or one that may be escaped. */
const BY_TWO: u8 = 0x40

/** The first four bytes of special lines, found by their digest. */
const FOURS: usize = memory.data(128, 16)
/** An odd number, found by trying, with which no two of them meet in one slot. */
const DIGEST: u32 = 0x399971ed

/** First bytes of special lines: of docker's tab the backslash, and of places in a file, which end in a colon and a number, the slash. */
const FIRSTS = '\t\r "<^}\\/'

const SPACE: u32 = 0x20
const DOLLAR: u32 = 0x24
const OPENING_PARENTHESIS: u32 = 0x28
const COLON: u32 = 0x3a
const OPENING_BRACKET: u32 = 0x5b
const BACKSLASH: u32 = 0x5c
const OPENING_BRACE: u32 = 0x7b
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
  for (let byte: usize = 0; byte < 256; byte += 1) {
    store<u8>(KINDS + byte, BY_FIRST, SECOND)
    store<u8>(KINDS + byte, BY_FIRST | BY_TWO, THIRD)
  }
  for (let index = 0; index < FIRSTS.length; index += 1) addKind(0, FIRSTS.charCodeAt(index), BY_FIRST)
  addKind(0, HASH_ZERO, BY_TWO)
  addKind(SECOND, HASH_ZERO >> 8, BY_TWO)
  addKind(0, TWO_STARS, BY_TWO)
  addKind(SECOND, TWO_STARS >> 8, BY_TWO)
  addKind(SECOND, BACKSLASH, 0xff)
  addKind(THIRD, BACKSLASH, 0xff)
  add('Trac', 1) // Traceback
  add('Wrap', 1)
  add('runt', 1)
  add('Stac', 2)
  add('stac', 2)
  add('[sig', 4)
  add('[sta', 4)
  add('Caus', 8)
  add('Unha', 8)
  add('E, [', 8)
  add('F, [', 8)
  add('W, [', 8)
  add('----', 8)
  add('thre', 16)
  add('Supp', 16)
  add('goro', 16)
  add('file', 32)
  add('node', 32)
}

/** `kind`: one bit, best of lines whose beginnings are not mixed up with others. */
function add(four: string, kind: u8): void {
  const bytes = fourOf(four)
  store<u32>(slotOf(bytes), bytes)
  addKind(0, bytes, kind | BY_TWO)
  addKind(SECOND, bytes >> 8, kind)
  addKind(THIRD, bytes >> 16, kind)
}

/** `place`: 0, SECOND or THIRD. The byte is the lowest one. */
function addKind(place: usize, byte: u32, kind: u8): void {
  const at = KINDS + place + (byte & 0xff)
  store<u8>(at, load<u8>(at) | kind)
}

/** Four bytes as they are loaded. */
function fourOf(text: string): u32 {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24)
}

function slotOf(four: u32): usize {
  return FOURS + (((four * DIGEST) >> 27) << 2)
}

/** False of most lines that are not special, by their first bytes alone. No branches: nobody can foresee the words of a text. Reads 3 bytes. */
export function mayBeSpecial(body: usize, bytes: u32): bool {
  const kinds = load<u8>(KINDS + load<u8>(body)) & load<u8>(KINDS + load<u8>(body, 1), SECOND)
  return ((kinds & load<u8>(KINDS + load<u8>(body, 2), THIRD)) | <u32>(bytes < 4)) != 0
}

/** Whether the line is special. Reads 4 bytes. */
export function isSpecial(body: usize, bytes: u32): bool {
  if (bytes == 0) return true
  const four = load<u32>(body)
  const first = four & 0xff
  const kinds = load<u8>(KINDS + first)
  if (first == SLASH) return isDigit(load<u8>(body + bytes - 1)) && endsInNumber(body, bytes)
  if (first == OPENING_BRACE) return bytes == 1
  if ((kinds & BY_FIRST) != 0) return true
  // Too short to tell, or a docker record, which may have any of the bytes escaped.
  if (bytes < 4 || hasBackslash(four)) return kinds != 0
  return load<u32>(slotOf(four)) == four || (four & 0xffff) == HASH_ZERO || (four & 0xffff) == TWO_STARS
}

/** Whether the line that begins like that may be special, or the one behind it may make it so: its end is not known. */
export function mayBeginSpecial(body: usize, bytes: u32): bool {
  return load<u8>(body) == SLASH || isSpecial(body, bytes) || mayStandBetween(body, bytes)
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

function hasBackslash(four: u32): bool {
  const others = four ^ 0x5c5c5c5c
  return ((others - 0x01010101) & ~others & 0x80808080) != 0
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
