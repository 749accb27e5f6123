import { isUtf8 } from 'node:buffer'

/**
 * Hot file: runs once per byte. Guarded by test/bench.
 *
 * Writes `source[start, end)` into `target` at `at` as the content of a JSON string and returns where it ended.
 * Invalid UTF-8 becomes U+FFFD as the WHATWG decoder does it. Needs room for MAXIMUM_GROWTH bytes per source byte.
 */
export function writeEscaped(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  const first = at
  let seen = 0
  for (let index = start; index < end; index += 1) {
    const byte = source[index] as number
    const letter = ESCAPES[byte] as number
    if (letter === PLAIN) {
      seen |= byte
      target[at] = byte
      at += 1
    } else {
      target[at] = 0x5c
      target[at + 1] = letter
      at += 2
      if (letter === LETTER_U) {
        target[at] = 0x30
        target[at + 1] = 0x30
        target[at + 2] = HEX.charCodeAt(byte >> 4)
        target[at + 3] = HEX.charCodeAt(byte & 15)
        at += 4
      }
    }
  }
  if (seen < 0x80 || isUtf8(source.subarray(start, end))) return at
  const repaired = Buffer.from(decoder.decode(source.subarray(start, end)))
  return writeEscaped(repaired, 0, repaired.length, target, first)
}

/** Bytes written per source byte at the most: `\u0000`. U+FFFD takes three. */
export const MAXIMUM_GROWTH = 6

const PLAIN = 0
const LETTER_U = 0x75
const HEX = '0123456789abcdef'
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The letter after the backslash, or PLAIN. */
const ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const short = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' }[byte]
  return short === undefined ? (byte < 0x20 ? LETTER_U : PLAIN) : short.charCodeAt(0)
})
