import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import { followFile } from './follow.ts'

export interface InputOptions {
  /** Undefined: `stdin`. */
  readonly file: string | undefined
  /** Only a regular file can be followed; anything else is read until it ends. */
  readonly follow: boolean
  readonly stdin: Readable
  readonly clock: Clock
  /** Ends the input early, without an error. */
  readonly signal: AbortSignal
  readonly notify: (message: string) => void
}

/** The input's bytes. Rejects if they cannot be read. */
export async function* readInput(options: InputOptions): AsyncGenerator<Buffer> {
  const { file, follow, stdin, signal } = options
  if (file === undefined) yield* readStream(stdin, signal)
  else if (follow && (await stat(file)).isFile()) yield* followFile(file, options)
  else yield* readStream(createReadStream(file), signal)
}

async function* readStream(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of addAbortSignal(signal, stream)) yield chunk
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
