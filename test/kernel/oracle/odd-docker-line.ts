import type { Line } from './line.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Fills `line` from a docker json-file record in another layout than the daemon's usual one (`attrs`, other order, missing members), or
 * with half a surrogate pair, which becomes U+FFFD; its time and raw body are bytes of their own. Or returns false. `log` and `stream`
 * are omitempty in moby.
 */
export function parseOddDockerLine(bytes: Uint8Array, line: Line, isTime: (bytes: Uint8Array) => boolean): boolean {
  let record: unknown
  try {
    record = JSON.parse(decoder.decode(bytes))
  } catch {
    return false // no JSON: the caller delivers the line whole, as malformed
  }
  if (typeof record !== 'object' || record === null) return false
  const { log = '\n', stream = 'stdout', time } = record as Record<string, unknown>
  if (typeof log !== 'string' || typeof time !== 'string' || (stream !== 'stdout' && stream !== 'stderr')) return false
  const timeBytes = Buffer.from(time)
  if (!isTime(timeBytes)) return false
  line.format = 'docker'
  line.stream = stream
  line.isPartial = !log.endsWith('\n')
  line.time = timeBytes
  line.timeStart = 0
  line.timeEnd = timeBytes.length
  line.body = Buffer.from(line.isPartial ? log : log.slice(0, -1))
  line.bodyStart = 0
  line.bodyEnd = line.body.length
  return true
}
