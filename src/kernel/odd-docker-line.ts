import type { StreamName } from '../model/stream-name.ts'

/** A docker record that the kernel does not recognise by itself. */
export interface OddDockerLine {
  readonly time: string
  readonly stream: StreamName
  /** Its text has no final newline. */
  readonly isPartial: boolean
  readonly body: Uint8Array
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * A docker json-file record in another layout than the daemon's usual one (`attrs`, other order, missing members), or with half a surrogate pair, which
 * becomes U+FFFD; undefined for anything else. Its time is not checked. `log` and `stream` are omitempty in moby.
 */
export function parseOddDockerLine(bytes: Uint8Array): OddDockerLine | undefined {
  let record: unknown
  try {
    record = JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined // no JSON: the caller delivers the line whole, as malformed
  }
  if (typeof record !== 'object' || record === null) return undefined
  const { log = '\n', stream = 'stdout', time } = record as Record<string, unknown>
  if (typeof log !== 'string' || typeof time !== 'string') return undefined
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const isPartial = !log.endsWith('\n')
  return { time, stream, isPartial, body: Buffer.from(isPartial ? log : log.slice(0, -1)) }
}
