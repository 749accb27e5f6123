import { createHash } from 'node:crypto'

import { endOfNuls } from '../lib/end-of-nuls.ts'

const NEWLINE = 0x0a
/** Bytes of the first line to use. Runtimes start each line with the time in nanoseconds, so files differ early. */
export const FINGERPRINT_BYTES = 1024

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
  const end = newline >= 0 ? Math.min(newline, FINGERPRINT_BYTES) : FINGERPRINT_BYTES
  if (beginning.length < end || (newline < 0 && beginning.length < FINGERPRINT_BYTES)) return undefined
  return createHash('sha256').update(beginning.subarray(0, end)).digest('hex').slice(0, 32)
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
