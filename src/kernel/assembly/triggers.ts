import * as layout from '../layout'
import {
  byteAt,
  byteBefore,
  hexOf,
  isBehindWord,
  isDigit,
  isLetter,
  isLetterOrDigit,
  isOfIp6,
  isOfName,
  isOfWord,
} from './bytes'
import { isBetweenKeyLines } from './key-lines'
import { starts } from './text'

// What stands around a pair of bytes (pairs.ts): whether it may be a secret, so that TypeScript has to look. Rather once too often than not.

const QUOTE: u32 = 0x22
const APOSTROPHE: u32 = 0x27
const SPACE: u32 = 0x20
const HYPHEN: u32 = 0x2d
const POINT: u32 = 0x2e
const SLASH: u32 = 0x2f
const COLON: u32 = 0x3a
const EQUALS: u32 = 0x3d
const AT_SIGN: u32 = 0x40
const BACKSLASH: u32 = 0x5c
/** The first byte that is not ASCII. */
const FOREIGN: u32 = 0x80
/** Between a name and its value: six quotes and three blanks, escaped again and again. */
const VALUE_BYTES: usize = 160
/** Of the longest address, and more. */
const IP6_BYTES: usize = 48
/** Small letters, as they are loaded. */
const TOKE: u32 = 0x656b6f74
const HOOK: u32 = 0x6b6f6f68
const SECR: u32 = 0x72636573
const HORI: u32 = 0x69726f68
const ARER: u32 = 0x72657261
const ATIO: u32 = 0x6f697461
const IG: u32 = 0x6769
const KE: u32 = 0x656b
/** From capitals to small letters; other signs of those above have that bit. */
const SMALL: u32 = 0x20202020

/** What the pair whose second byte stands at `at` may be a part of, of the line [start, end): bits as in layout.ts. Reads up to 16 bytes around. */
export function triggerAt(at: usize, start: usize, end: usize): u32 {
  const before: u32 = load<u8>(at - 1)
  const byte: u32 = load<u8>(at)
  if (byte == AT_SIGN)
    return (isOfEmail(at, before, end) ? layout.LOOK_EMAILS : 0) | (isOfUrl(at, start) ? layout.LOOK_TOKENS : 0)
  if (byte == COLON) return before == COLON && mayBeShortIp6(at, start, end) ? layout.LOOK_IPS : 0
  if (byte == 0x75 && before == BACKSLASH) return isEscaped(at, end) ? layout.LOOK_ALL : 0 // u
  return isOfToken(byte, at, before, start, end) ? layout.LOOK_TOKENS : 0
}

/** Whether a name stands in front of the sign and something with a point and letters behind it. A backslash may stand for any sign. */
function isOfEmail(at: usize, before: u32, end: usize): bool {
  if (!isOfName(before) && before < FOREIGN && before != APOSTROPHE && before != 0x25 && before != 0x2b) return false
  for (at += 1; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == POINT && mayBeLetter(byteAt(at + 1, end)) && mayBeLetter(byteAt(at + 2, end))) return true
    if (!isLetterOrDigit(byte) && byte != POINT && byte != HYPHEN && byte < FOREIGN) return byte == BACKSLASH
  }
  return false
}

function mayBeLetter(byte: u32): bool {
  return isLetter(byte) || byte >= FOREIGN || byte == BACKSLASH
}

/** Whether `//` and what may be a password stand in front of the sign. If there is another one in between, that one has told. */
function isOfUrl(at: usize, start: usize): bool {
  for (at -= 1; at > start; at -= 1) {
    const byte: u32 = load<u8>(at)
    if (byte == SLASH) return load<u8>(at - 1) == SLASH || load<u8>(at - 1) == BACKSLASH
    if (isSpace(byte) || byte == QUOTE || byte == APOSTROPHE || byte == AT_SIGN) return false
  }
  return false
}

/** As patterns have it, in ASCII: the other signs of control are none. */
function isSpace(byte: u32): bool {
  return byte == SPACE || byte - 9 <= 4
}

/** `\u00xx` for a blank, or for a sign that need not be escaped, and may hide what is looked for. Not `\u001b`, which begins colours. */
function isEscaped(at: usize, end: usize): bool {
  if (!starts(at + 1, end, '00')) return false
  const third = byteAt(at + 3, end)
  const fourth = byteAt(at + 4, end) | 0x20
  // `'`, `<` and `>` hide nothing, and `&` only the beginning of a query's `sig`.
  if (third == 0x33) return fourth != 0x63 && fourth != 0x65
  if (third == 0x32 && (fourth == 0x36 || fourth == 0x37)) return fourth == 0x36 && (byteAt(at + 5, end) | 0x20) == 0x73
  return third - 0x30 <= 7 && third != 0x31
}

function isOfToken(byte: u32, at: usize, before: u32, start: usize, end: usize): bool {
  switch (byte) {
    case 0x59: // Y
    case 0x79: // y
      return isOfKey(at, start, end)
    case 0x4b: // K
    case 0x6b: // k
      return isOfTokenOrHooks(at, start, end)
    case 0x53: // S
    case 0x73: // s
      return (<u32>load<u16>(at + 1) | 0x2020) == IG && hasValue(at + 3, end)
    case 0x57: // W
    case 0x77: // w
      if ((before | 0x20) == 0x70) return (byteAt(at + 1, end) | 0x20) == 0x64 && hasValue(at + 2, end)
      return isOfPassword(at, start, end)
    case 0x52: // R
    case 0x72: // r
      if (at < start + 3 || (load<u32>(at - 3) | SMALL) != SECR) return false
      if ((<u32>load<u16>(at + 1) | 0x2020) != 0x7465) return false
      return isNamed(at, at + 3, start, end)
    case 0x5a: // Z
    case 0x7a: // z
      if (beginsAt(at - 2, start, end, 'AIza')) return true
      if (at < start + 4 || (load<u32>(at - 4) | SMALL) != HORI || (load<u32>(at + 1) | SMALL) != ATIO) return false
      return hasValue(at + 6, end)
    case 0x4a: // J
      return beginsAt(at - 2, start, end, 'eyJ') && (isOfWord(byteAt(at + 1, end)) || byteAt(at + 1, end) == HYPHEN)
    case 0x5f: // _
      return isOfPrefix(at, before, start, end)
    case 0x6e: // n
      return before == BACKSLASH && isBetweenKeyLines(at, start, end)
    case 0x76: // v
      return byteBefore(at - 3, start) == 0x64 && starts(at, end, 'v1_')
    case 0x41: // A
      if (before == COLON) return byteAt(at + 1, end) == 0x41 && at > start + 1 && isDigit(load<u8>(at - 2))
      return beginsAt(at - 3, start, end, 'AKIA') || beginsAt(at - 3, start, end, 'ASIA')
    case 0x45: // E
    case 0x65: // e
      if ((load<u32>(at + 1) | SMALL) == ARER) return true
      return starts(at, end, 'EGIN ') && isBehindHyphen(at - 1, start)
    case 0x78: // x
      return beginsAt(at - 2, start, end, 'xox') && byteAt(at + 2, end) == HYPHEN
    case HYPHEN:
      return beginsAt(at - 2, start, end, 'sk-') && !isBehindWord(at - 2, start)
    case 0x68: // h
      return byteAt(at + 2, end) == 0x5f && isOfGithub(byteAt(at + 1, end))
    case 0x70: // p
      return beginsAt(at - 2, start, end, 'glpat-')
    default:
      return false
  }
}

/** A name that ends in `key`, behind what makes it a secret's: the last three letters of that. */
function isOfKey(at: usize, start: usize, end: usize): bool {
  if (at < start + 5 || (<u32>load<u16>(at - 2) | 0x2020) != KE) return false
  const sign: u32 = load<u8>(at - 3)
  const wordEnd = sign == 0x5f || sign == HYPHEN ? at - 3 : at - 2
  switch ((load<u32>(wordEnd - 4) >> 8) | 0x202020) {
    case 0x697061: // api
    case 0x737365: // access
    case 0x746e75: // account
    case 0x657461: // private
    case 0x746572: // secret
      return isNamed(at, at + 1, start, end)
    default:
      return false
  }
}

function isOfGithub(byte: u32): bool {
  return byte == 0x70 || byte == 0x6f || byte == 0x75 || byte == 0x73 || byte == 0x72
}

/** Whether a hyphen stands in front, perhaps with a space in between. */
function isBehindHyphen(at: usize, start: usize): bool {
  const before = byteBefore(at, start)
  return before == HYPHEN || (before == SPACE && byteBefore(at - 1, start) == HYPHEN)
}

/** Whether what stands at `at`, up to `nameEnd`, is the name of a value, or an option's. */
function isNamed(at: usize, nameEnd: usize, start: usize, end: usize): bool {
  return hasValue(nameEnd, end) || (byteAt(nameEnd, end) == SPACE && hasDashes(at, start))
}

/** `token`, `hooks.slack.`, `webhooks`. */
function isOfTokenOrHooks(at: usize, start: usize, end: usize): bool {
  if (at >= start + 2 && (load<u32>(at - 2) | SMALL) == TOKE && (byteAt(at + 2, end) | 0x20) == 0x6e)
    return isNamed(at, at + 3, start, end)
  if (at < start + 3 || load<u32>(at - 3) != HOOK) return false
  if (starts(at + 1, end, 's.slack.')) return true
  const sign = byteAt(at + 2, end)
  return (sign == SLASH || sign == BACKSLASH) && beginsAt(at - 6, start, end, 'webhooks')
}

/** `password`, `passwd`. */
function isOfPassword(at: usize, start: usize, end: usize): bool {
  if (at < start + 4 || (<u32>load<u8>(at - 2) | 0x20) != 0x73) return false
  const isWord = (byteAt(at + 1, end) | 0x20) == 0x6f
  return isNamed(at, isWord ? at + 4 : at + 2, start, end)
}

/** What ends in `_`: `before` is the byte in front of that. */
function isOfPrefix(at: usize, before: u32, start: usize, end: usize): bool {
  switch (before) {
    case 0x6b: // k
      return starts(at + 1, end, 'live_') || starts(at + 1, end, 'test_')
    case 0x74: // t
      return beginsAt(at - 4, start, end, '_pat_') || beginsAt(at - 4, start, end, 'hpat_')
    case 0x6d: // m
      return beginsAt(at - 3, start, end, 'npm_')
    default:
      return beginsAt(at - 2, start, end, 'hf_')
  }
}

/** Whether the text stands at `at`, in the line [start, end). */
function beginsAt(at: usize, start: usize, end: usize, text: string): bool {
  return at >= start && starts(at, end, text)
}

/** Behind a name: `=`, `:` or `=>`, perhaps behind quotes and blanks, which may be escaped several times. */
function hasValue(at: usize, end: usize): bool {
  for (const most = min(end, at + VALUE_BYTES); at < most; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == EQUALS || byte == COLON) return true
    if (byte == BACKSLASH) {
      const letter = byteAt(at + 1, end)
      at += letter == 0x75 ? 5 : <usize>isLetter(letter) // `\u00a0`, `\t`
    } else if (byte != QUOTE && byte != APOSTROPHE && byte > SPACE && byte < FOREIGN) return false
  }
  return false
}

/** Whether the name that stands around that place is an option's: `--db-password hunter2`. */
function hasDashes(at: usize, start: usize): bool {
  const most: usize = 64
  const least = at - start > most ? at - most : start
  while (at > least && isOfName(load<u8>(at - 1))) {
    at -= 1
    if (load<u8>(at) == HYPHEN && byteBefore(at, start) == HYPHEN) return true
  }
  return false
}

/** At the second of two colons. Up to `IP6_BYTES` in front of them and behind them are looked at. */
function mayBeShortIp6(at: usize, start: usize, end: usize): bool {
  const behind = byteAt(at + 1, end)
  if (isLetter(behind) && hexOf(behind) > 15) return false
  if (hexOf(byteBefore(at - 1, start)) > 15 && hexOf(behind) > 15) return false
  const least = at - start > IP6_BYTES ? at - IP6_BYTES : start
  let first = at - 1
  while (first > least && isOfIp6(load<u8>(first - 1))) first -= 1
  if (first != least && isBehindWord(first, start)) return false
  const most = min(at + IP6_BYTES, end)
  while (at < most && isOfIp6(load<u8>(at))) at += 1
  return at == most || !isOfWord(load<u8>(at))
}
