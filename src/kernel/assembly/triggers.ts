import * as layout from '../layout'
import { afterBlanks, byteAt, hexOf, isDigit, isLetter, isOfName, isOfWord } from './bytes'
import { isBase64 } from './plain-groups'
import { starts } from './text'

// What stands around a pair of bytes (pairs.ts): whether it may be a secret, so that TypeScript has to look. Rather once too often than not.

const QUOTE: u32 = 0x22
const APOSTROPHE: u32 = 0x27
const SPACE: u32 = 0x20
const HYPHEN: u32 = 0x2d
const SLASH: u32 = 0x2f
const COLON: u32 = 0x3a
const EQUALS: u32 = 0x3d
const BACKSLASH: u32 = 0x5c
const UNDERSCORE: u32 = 0x5f
/** Of the shortest line that is taken for one of a key, and of the shortest whole one. */
const KEY_BYTES: usize = 12
const WHOLE_KEY_BYTES: usize = 64
/** Four small letters each, as they are loaded. */
const TOKE: u32 = 0x656b6f74
const SECR: u32 = 0x72636573
const HORI: u32 = 0x69726f68
const ARER: u32 = 0x72657261
const SMALL: u32 = 0x20202020
const EY: u32 = 0x7965
const SI: u32 = 0x6973
const PW: u32 = 0x7770

/** What the pair whose second byte stands at `at` may be a part of, of the line [start, end): bits as in layout.ts. Reads up to 16 bytes around. */
export function triggerAt(at: usize, start: usize, end: usize): u32 {
  const before: u32 = load<u8>(at - 1)
  switch (<u32>load<u8>(at)) {
    case 0x40: // @
      return before == SPACE || before == SLASH || before == QUOTE ? 0 : layout.LOOK_EMAILS | layout.LOOK_TOKENS
    case 0x2e: // .
      return beginsAt(at - 5, start, end, 'slack.') ? layout.LOOK_TOKENS : 0
    case COLON:
      return before == COLON && mayBeIp6(at, start, end) ? layout.LOOK_IPS : 0
    case 0x75: // u
      return before == BACKSLASH && isEscaped(at, end) ? layout.LOOK_ALL : 0
    case 0x6e: // n
      return before == BACKSLASH && isBetweenKeyLines(at, start, end) ? layout.LOOK_TOKENS : 0
    default:
      return isOfToken(at, before, start, end) ? layout.LOOK_TOKENS : 0
  }
}

/** `\u00xx` for a sign that need not be escaped, and may hide what is looked for. */
function isEscaped(at: usize, end: usize): bool {
  return starts(at + 1, end, '00') && byteAt(at + 3, end) - 0x32 <= 5
}

/** Whether a line of a key may end before `\n`, or begin behind it. */
function isBetweenKeyLines(at: usize, start: usize, end: usize): bool {
  const next = afterBlanks(at + 1, end)
  if (next + KEY_BYTES <= end && isBase64(next, next + KEY_BYTES)) return true
  const lineEnd = at - 1
  const bytes = byteBefore(lineEnd, start) == EQUALS ? KEY_BYTES : WHOLE_KEY_BYTES
  return lineEnd >= start + bytes && isBase64(lineEnd - bytes, lineEnd)
}

function isOfToken(at: usize, before: u32, start: usize, end: usize): bool {
  switch (<u32>load<u8>(at)) {
    case 0x4b: // K
    case 0x6b: // k
      return isOfKey(at, before, start, end)
    case 0x57: // W
    case 0x77: // w
      return isOfPassword(at, start, end)
    case 0x52: // R
    case 0x72: // r
      if (at < start + 3 || (load<u32>(at - 3) | SMALL) != SECR) return false
      if ((<u32>load<u16>(at + 1) | 0x2020) != 0x7465) return false
      return hasValue(at + 3, end) || hasDashes(at, start)
    case 0x5a: // Z
    case 0x7a: // z
      if (beginsAt(at - 2, start, end, 'AIza')) return true
      return at >= start + 4 && (load<u32>(at - 4) | SMALL) == HORI && hasValue(at + 6, end)
    case 0x4a: // J
      return beginsAt(at - 2, start, end, 'eyJ') && isOfWord(byteAt(at + 1, end))
    case UNDERSCORE:
      return isOfPrefix(at, before, start, end)
    case 0x41: // A
      if (before == COLON) return byteAt(at + 1, end) == 0x41 && at > start + 1 && isDigit(load<u8>(at - 2))
      return beginsAt(at - 3, start, end, 'AKIA') || beginsAt(at - 3, start, end, 'ASIA')
    case 0x42: // B
      return before == HYPHEN && starts(at, end, 'BEGIN ')
    case 0x45: // E
    case 0x65: // e
      return before == 0x42 && (load<u32>(at + 1) | SMALL) == ARER
    case 0x78: // x
      return beginsAt(at - 2, start, end, 'xox') && byteAt(at + 2, end) == HYPHEN
    case HYPHEN:
      return beginsAt(at - 2, start, end, 'sk-') && !isBehindWord(at - 2, start)
    case 0x68: // h
      return beginsAt(at - 3, start, end, 'webhooks')
    case 0x70: // p
      return beginsAt(at - 2, start, end, 'glpat-')
    case EQUALS:
      if (at < start + 3) return false
      return (<u32>load<u16>(at - 3) | 0x2020) == ((before | 0x20) == 0x67 ? SI : PW)
    default:
      return false
  }
}

/** `token`, and what ends in `key`. */
function isOfKey(at: usize, before: u32, start: usize, end: usize): bool {
  if ((before | 0x20) == 0x6f) {
    if (at < start + 2 || (load<u32>(at - 2) | SMALL) != TOKE || (byteAt(at + 2, end) | 0x20) != 0x6e) return false
    return hasValue(at + 3, end) || hasDashes(at, start)
  }
  return (<u32>load<u16>(at + 1) | 0x2020) == EY && (hasValue(at + 3, end) || hasDashes(at, start))
}

/** `password`, `passwd`. */
function isOfPassword(at: usize, start: usize, end: usize): bool {
  if (at < start + 4 || (<u32>load<u8>(at - 2) | 0x20) != 0x73) return false
  const isWord = (byteAt(at + 1, end) | 0x20) == 0x6f
  return hasValue(isWord ? at + 4 : at + 2, end) || hasDashes(at, start)
}

/** What ends in `_`: `before` is the byte in front of that. */
function isOfPrefix(at: usize, before: u32, start: usize, end: usize): bool {
  switch (before) {
    case 0x74: // t
      return beginsAt(at - 3, start, end, 'pat_') || beginsAt(at - 6, start, end, 'k_test_')
    case 0x65: // e
      return beginsAt(at - 6, start, end, 'k_live_')
    case 0x6d: // m
      return beginsAt(at - 3, start, end, 'npm_')
    case 0x66: // f
      return beginsAt(at - 2, start, end, 'hf_')
    default:
      // `ghp_` and its like; `dop_v1_` and its like.
      return at >= start + 3 && (<u32>load<u16>(at - 3) == 0x6867 || beginsAt(at, start, end, '_v1_'))
  }
}

/** Whether the text stands at `at`, in the line [start, end). */
function beginsAt(at: usize, start: usize, end: usize, text: string): bool {
  return at >= start && starts(at, end, text)
}

/** Whether a letter or a digit stands in front of that place, and is none of an escape: `\n`, `\u000a`. */
function isBehindWord(at: usize, start: usize): bool {
  const before = byteBefore(at, start)
  if (!isLetter(before) && !isDigit(before)) return false
  return byteBefore(at - 1, start) != BACKSLASH && byteBefore(at - 5, start) != BACKSLASH
}

function byteBefore(at: usize, start: usize): u32 {
  return at > start ? load<u8>(at - 1) : 0
}

/** Behind a name: `=`, `:` or `=>`, perhaps behind quotes and spaces. */
function hasValue(at: usize, end: usize): bool {
  for (const most = min(end, at + 10); at < most; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == EQUALS || byte == COLON) return true
    if (byte != QUOTE && byte != APOSTROPHE && byte != BACKSLASH && byte != SPACE) return false
  }
  return false
}

/** Whether the name that stands around that place is an option's: `--db-password hunter2`. */
function hasDashes(at: usize, start: usize): bool {
  const most: usize = 32
  const least = at - start > most ? at - most : start
  while (at > least && isOfName(load<u8>(at - 1))) {
    at -= 1
    if (load<u8>(at) == HYPHEN && byteBefore(at, start) == HYPHEN) return true
  }
  return false
}

/** At the second of two colons. */
function mayBeIp6(at: usize, start: usize, end: usize): bool {
  const before = byteBefore(at - 1, start)
  const behind = byteAt(at + 1, end)
  if (isLetter(before) && hexOf(before) > 15 && isBehindWord(at - 1, start)) return false
  if (isLetter(behind) && hexOf(behind) > 15) return false
  return hexOf(before) <= 15 || hexOf(behind) <= 15
}
