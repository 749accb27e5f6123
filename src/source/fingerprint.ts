import { createHash } from 'node:crypto'

import { endOfNuls } from '../lib/end-of-nuls.ts'

const NEWLINE = 0x0a
/** Bytes of a first line that count. Runtimes begin each with the time in nanoseconds, so two files differ early. */
export const FINGERPRINT_BYTES = 1024

/**
 * Bytes. More NULs than these before a first line are not looked through for it, and the file has no key. A power cut leaves less than
 * a file's usual length, 10 MiB; these take 30 ms.
 */
export const MOST_NULS = 16 * 1024 * 1024

/**
 * What tells a file from the others of its container under any name, plain or compressed: a digest of its first line.
 * Undefined as long as the first line is not whole. NULs before it, which a power cut leaves, tell nothing: they are the same in any file.
 */
export function fingerprintOf(bytes: Uint8Array): string | undefined {
  const beginning = bytes.subarray(endOfNuls(bytes, 0))
  const newline = beginning.indexOf(NEWLINE)
  const end = newline >= 0 ? Math.min(newline, FINGERPRINT_BYTES) : FINGERPRINT_BYTES
  if (beginning.length < end || (newline < 0 && beginning.length < FINGERPRINT_BYTES)) return undefined
  return createHash('sha256').update(beginning.subarray(0, end)).digest('hex').slice(0, 32)
}

const IS_TIME = /^\d{4}-\d\d-\d\dT/

/** The time that a CRI line begins with, in milliseconds since 1970. */
export function startTimeOf(beginning: Uint8Array): number | undefined {
  const start = endOfNuls(beginning, 0)
  const [word = ''] = Buffer.from(beginning.subarray(start, start + 40))
    .toString('latin1')
    .split(' ', 1)
  const time = IS_TIME.test(word) ? Date.parse(word) : Number.NaN // which takes `5` for a year
  return Number.isNaN(time) ? undefined : time
}
