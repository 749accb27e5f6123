import { readFile } from 'node:fs/promises'
import type { Config } from '../config/schema.ts'
import { describeError, LoggyError } from '../lib/errors.ts'

/** Bytes. A shorter key could be guessed from a few hashes of known secrets. */
const LEAST_BYTES = 16

/** The key for marks with a hash; undefined for marks without. Rejects with code REDACT_KEY if there is none in the file. */
export async function readRedactKey({ mode, keyFile }: Config['redact']): Promise<Uint8Array | undefined> {
  if (mode === 'mask') return undefined
  const key = await bytesOf(keyFile)
  // Editors leave a newline at the end of a file.
  const bytes = /\r?\n$/.exec(key.toString('latin1'))
  const trimmed = key.subarray(0, bytes?.index ?? key.length)
  if (trimmed.length >= LEAST_BYTES) return trimmed
  throw new LoggyError(
    'REDACT_KEY',
    `redact.keyFile: ${keyFile} has ${trimmed.length} bytes; a key has at least ${LEAST_BYTES}`,
  )
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new LoggyError('REDACT_KEY', `redact.keyFile cannot be read: ${describeError(cause)}`)
  }
}
