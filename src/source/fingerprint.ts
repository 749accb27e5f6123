import { createHash } from 'node:crypto'

import { endOfNuls, NUL } from '../lib/end-of-nuls.ts'

const NEWLINE = 0x0a
/** Bytes to use of a first line that begins with its time in nanoseconds, as CRI's do: such lines differ early. */
export const FINGERPRINT_BYTES = 1024
/** Bytes to use of any other one: docker writes the time at its end. Its lines have 16 KiB of text at the most, each byte of which may be escaped by six. */
export const WHOLE_LINE_BYTES = 128 * 1024

/**
 * Bytes. With more NULs than this at its beginning, a file is not searched for its first line and has no key. A power cut leaves fewer
 * than a file's usual size, 10 MiB; searching this many takes 30 ms.
 */
export const MOST_NULS = 16 * 1024 * 1024

/**
 * A digest of the first line. It identifies a file among those of its container under any name, plain or compressed.
 * Undefined until the first line is complete. NULs before it, left by a power cut, are skipped: they are the same in any file.
 */
export function fingerprintOf(bytes: Uint8Array): string | undefined {
  const beginning = bytes.subarray(endOfNuls(bytes, 0))
  const newline = beginning.indexOf(NEWLINE)
  const most = startTimeOf(beginning) === undefined ? WHOLE_LINE_BYTES : FINGERPRINT_BYTES
  if (newline < 0 && beginning.length < most) return undefined
  const used = beginning.subarray(0, newline < 0 ? most : Math.min(newline, most))
  return createHash('sha256').update(used).digest('hex').slice(0, 32)
}

/** Whether these first bytes of a file, or those behind its NULs, are too few of a long line. */
export function isTooShort(beginning: Uint8Array): boolean {
  const isCut = beginning.length === FINGERPRINT_BYTES && beginning[0] !== NUL && !beginning.includes(NEWLINE)
  return isCut && startTimeOf(beginning) === undefined
}

const DASH = 0x2d
const LETTER_T = 0x54

/** Whether a line looks as if it began with a time, as CRI's do. For each read: `startTimeOf` takes as long as a read. */
export function seemsTimed(line: Uint8Array): boolean {
  return line[4] === DASH && line[7] === DASH && line[10] === LETTER_T
}

const IS_TIME = /^\d{4}-\d\d-\d\dT/

/** The time at the start of a CRI line, in milliseconds since 1970. */
export function startTimeOf(beginning: Uint8Array): number | undefined {
  const start = endOfNuls(beginning, 0)
  const [word = ''] = Buffer.from(beginning.subarray(start, start + 40))
    .toString('latin1')
    .split(' ', 1)
  const time = IS_TIME.test(word) ? Date.parse(word) : Number.NaN // Date.parse alone reads `5` as a year
  return Number.isNaN(time) ? undefined : time
}
