import { timeOfNanoseconds } from '../../src/formats/nanoseconds.ts'
import type { LokiEntry, LokiStream } from '../formats/loki/decode-push.ts'

// What Loki says, word for word. Sources: grafana/loki, pkg/validation/validate.go, pkg/ingester/stream.go and pkg/util/errors.go, as of 2026-06.

type StreamLabels = LokiStream['labels']

/** As Prometheus prints labels; `service_name` is added when the request is read (pkg/loghttp/push/push.go). */
export function stream(labels: StreamLabels): string {
  const all: StreamLabels = { ...labels, service_name: labels.app ?? labels.container ?? 'unknown_service' }
  const pairs = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}

/** `errorForFailedEntries`: it names at most ten. */
export function ignored(
  labels: StreamLabels,
  failed: readonly { readonly entry: LokiEntry; readonly reason: string }[],
  total: number,
): string {
  const named = failed
    .slice(0, 10)
    .map(({ entry, reason }) => `entry with timestamp ${goTime(entry.time)} ignored, reason: '${reason}',\n`)
  return `${named.join('')}user 'fake', total ignored: ${failed.length} out of ${total} for stream: ${stream(labels)}`
}

export function tooFarBehind({ time }: LokiEntry): string {
  return `entry too far behind, entry timestamp is: ${second(time)}, oldest acceptable timestamp is: 2026-11-29T10:00:00Z`
}

/** `GroupedErrors`. */
export function grouped(errors: readonly string[]): string {
  const groups = [...Map.groupBy(errors, (error) => error)]
  return groups
    .map(([error, { length }]) => (groups.length > 1 || length > 1 ? `${length} errors like: ${error}` : error))
    .join('; ')
}

export function tooOld(labels: StreamLabels, { time }: LokiEntry): string {
  return `entry for stream '${stream(labels)}' has timestamp too old: ${second(time)}, oldest acceptable timestamp is: 2026-11-22T10:00:00Z`
}

export function tooNew(labels: StreamLabels, { time }: LokiEntry): string {
  return `entry for stream '${stream(labels)}' has timestamp too new: ${second(time)}`
}

export function tooLong(labels: StreamLabels, { line }: LokiEntry): string {
  return `Max entry size '262144' bytes exceeded for stream '${stream(labels)}' while adding an entry with length '${Buffer.byteLength(line)}' bytes`
}

export function metadataTooLarge(labels: StreamLabels): string {
  return `stream '${stream(labels)}' has structured metadata too large: '70000' bytes, limit: '65536' bytes. Please see \`limits_config.max_structured_metadata_size\` or contact your Loki administrator to increase it.`
}

export function streamLimit(labels: StreamLabels): string {
  return `Maximum active stream limit exceeded when trying to create stream ${stream(labels)}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'`
}

export function rateLimit(): string {
  return "Ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '100' lines totaling '10000' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased"
}

/** As Go's `Time.String` does it, without the fraction's last zeros. */
function goTime(nanoseconds: string): string {
  const text = timeOfNanoseconds(BigInt(nanoseconds))
  return `${text.slice(0, 19).replace('T', ' ')}${text.slice(19, -1).replace(/\.?0+$/, '')} +0000 UTC`
}

/** `time.RFC3339`. */
function second(nanoseconds: string): string {
  return `${timeOfNanoseconds(BigInt(nanoseconds)).slice(0, 19)}Z`
}
