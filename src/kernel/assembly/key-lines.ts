import { byteAt, byteBefore, isOfBase64 } from './bytes'

// Lines of base64 that may be those of a private key. Rather once too often than not: TypeScript looks again.

const SPACE: u32 = 0x20
const QUOTE: u32 = 0x22
const SLASH: u32 = 0x2f
const EQUALS: u32 = 0x3d
const BACKSLASH: u32 = 0x5c
/** The first byte that is not ASCII. */
const FOREIGN: u32 = 0x80
/** Of the longest line, and of the shortest, which has a `=` at its end. */
const MOST: usize = 76
const LEAST: usize = 12
/** How far to look for signs of base64. */
const RUN_BYTES: usize = 256
/** How far to look through blanks around `\n`: so often as there are, no more. */
const BLANK_BYTES: usize = 32

/** Behind the last sign that the last call of `runAt` found. */
let runEnd: usize = 0

/** Whether `isKeyLine` has to look, by what hardly any line has. Without branches that nobody can foresee. */
export function mayBeKeyLine(start: usize, bytes: usize): bool {
  const first: u32 = load<u8>(start)
  const last: u32 = load<u8>(start + bytes - 1)
  const isPadded =
    <u32>(first <= SPACE) |
    <u32>(last <= SPACE) |
    <u32>(first >= FOREIGN) |
    <u32>(last >= FOREIGN) |
    <u32>(first == BACKSLASH) |
    <u32>(load<u8>(start + bytes - 2) == BACKSLASH)
  return (isPadded | <u32>(last == EQUALS) | <u32>isWhole(bytes)) != 0
}

/** Whether all of the line may be one of a key's. */
export function isKeyLine(start: usize, end: usize): bool {
  const at = afterPadding(start, end, end)
  return isKey(runAt(at, end)) && afterPadding(runEnd, end, end) == end
}

/** Whether a line of a key may end before the `\n` whose `n` stands at `at`, or begin behind it. */
export function isBetweenKeyLines(at: usize, start: usize, end: usize): bool {
  const next = afterPadding(at + 1, min(at + 1 + BLANK_BYTES, end), end)
  if (isKey(runAt(next, end))) {
    const sign = byteAt(afterPadding(runEnd, min(runEnd + BLANK_BYTES, end), end), end)
    if (sign == 0 || sign == BACKSLASH || sign == QUOTE) return true
  }
  return endsKey(beforePadding(at, start), start)
}

/** Lengths of the lines that a key has, but for the last one. */
function isWhole(length: usize): bool {
  return (<u32>(length == 64) | <u32>(length == 70) | <u32>(length == MOST)) != 0
}

/** Whether a line with so many signs, the last of which stands in front of `runEnd`, may be a key's. */
function isKey(length: usize): bool {
  return isWhole(length) || (length >= LEAST && length <= MOST && load<u8>(runEnd - 1) == EQUALS)
}

/** How many signs of base64 stand at `at`, no more than one too many. `\/` is one, however often it is escaped. */
function runAt(at: usize, end: usize): usize {
  let length: usize = 0
  runEnd = at
  for (const most = min(at + RUN_BYTES, end); at < most && length <= MOST; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == BACKSLASH && isOfSlash(byteAt(at + 1, end))) continue
    if (!isOfBase64(byte)) break
    length += 1
    runEnd = at + 1
  }
  return length
}

/** Whether such a line ends at `end`. The letter of an escape may seem to belong to it. */
function endsKey(end: usize, start: usize): bool {
  let at = end
  let length: usize = 0
  for (const least = end - min(end - start, RUN_BYTES); at > least && length <= MOST + 5; at -= 1) {
    const byte: u32 = load<u8>(at - 1)
    if (byte == BACKSLASH && at < end && isOfSlash(load<u8>(at))) continue
    if (!isOfBase64(byte)) break
    length += 1
  }
  if (byteBefore(end, start) == EQUALS && length >= LEAST) return true
  if (byteBefore(at, start) != BACKSLASH) return isWhole(length)
  return isWhole(length) || isWhole(length - 1) || isWhole(length - 5)
}

/** What stands behind a backslash in front of a slash. */
function isOfSlash(byte: u32): bool {
  return byte == SLASH || byte == BACKSLASH
}

/** Behind blanks, escaped or not, up to `most`. */
function afterPadding(at: usize, most: usize, end: usize): usize {
  while (at < most) {
    const byte: u32 = load<u8>(at)
    if (byte <= SPACE || byte >= FOREIGN) {
      at += 1
      continue
    }
    if (byte != BACKSLASH) break
    let letter = at + 1
    while (letter < most && load<u8>(letter) == BACKSLASH) letter += 1
    const sign = byteAt(letter, end)
    if (sign == 0x75) letter += 4
    else if (!isBlankLetter(sign)) break
    at = min(letter + 1, end)
  }
  return at
}

/** In front of the backslashes before `at`, and of blanks before these. */
function beforePadding(at: usize, start: usize): usize {
  at = beforeBackslashes(at - 1, start)
  for (const least = at - min(at - start, BLANK_BYTES); at > least; ) {
    const byte: u32 = load<u8>(at - 1)
    if (byte <= SPACE || byte >= FOREIGN) at -= 1
    else if (isBlankLetter(byte) && byteBefore(at - 1, start) == BACKSLASH) at = beforeBackslashes(at - 1, start)
    else break
  }
  return at
}

function beforeBackslashes(at: usize, start: usize): usize {
  for (const least = at - min(at - start, BLANK_BYTES); at > least && load<u8>(at - 1) == BACKSLASH; ) at -= 1
  return at
}

/** Those of `\f`, `\n`, `\r` and `\t`. */
function isBlankLetter(byte: u32): bool {
  return byte == 0x66 || byte == 0x6e || byte == 0x72 || byte == 0x74
}
