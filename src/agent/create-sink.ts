import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Compression } from '../delivery/compression.ts'
import type { DeadLetterOptions } from '../delivery/dead-letters.ts'
import type { Sink } from '../delivery/delivery.ts'
import { createDatadog, intakeUrl } from '../formats/datadog/datadog.ts'
import { bulkUrl, createElasticsearch } from '../formats/elasticsearch/elasticsearch.ts'
import type { DataStream } from '../formats/elasticsearch/program.ts'
import { createLoki, type LokiOptions, pushUrl } from '../formats/loki/loki.ts'
import { createNdjson } from '../formats/ndjson.ts'
import { type BodyForm, createOtlp, logsUrl } from '../formats/otlp/otlp.ts'
import type { SchemaName } from '../formats/schemas/schemas.ts'
import type { EventOptions } from '../formats/splunk/program.ts'
import { createSplunk, eventUrl } from '../formats/splunk/splunk.ts'
import type { AppendOptions } from '../lib/append-file.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../model/log.ts'
import type { Format, Transport } from '../model/sink.ts'
import { FileTransport } from '../transports/file.ts'
import { type HttpOptions, HttpTransport } from '../transports/http.ts'
import type { Environment } from '../transports/http-proxy.ts'
import { StdoutTransport } from '../transports/stdout.ts'

/** The destination's options, by type. */
export type SinkOptions =
  | { readonly type: 'stdout'; readonly schema: SchemaName }
  | ({ readonly type: 'file'; readonly schema: SchemaName; readonly path: string } & AppendOptions)
  | ({ readonly type: 'http'; readonly schema: SchemaName; readonly maxEntryBytes: number } & PostOptions &
      TenantHeader)
  | ({ readonly type: 'otlp'; readonly body: BodyForm } & PostOptions & TenantHeader)
  | ({ readonly type: 'loki'; readonly structuredMetadata: LokiOptions } & PostOptions & TenantHeader)
  | ({ readonly type: 'elasticsearch'; readonly dataStream: DataStream } & PostOptions)
  | ({ readonly type: 'splunk' } & EventOptions & PostOptions)
  | ({ readonly type: 'datadog'; readonly apiKeyFile: string } & Omit<PostOptions, 'tokenFile'>)

type PostOptions = {
  readonly compression: Compression
  readonly retryFor: number
  readonly deadLetter: DeadLetterOptions
} & Omit<HttpOptions, 'tenantHeader' | 'env'>

interface TenantHeader {
  readonly tenant: { readonly header: string }
}

export interface SinkParts {
  readonly env: Environment
  readonly clock: Clock
  readonly log: Log
  /** Default folder of the dead letter file. */
  readonly stateDirectory: string
}

const GRPC_PORT = '4317'
const SPLUNK_SLOTS = 4
const UNDATED_LOG_MS = 3_600_000
const DEAD_LETTER = { path: '', maxBytes: 100 << 20 }

/** Creates the sink of a configuration: a format and a transport. Throws a SinkError if it cannot be opened. */
export function createSink(options: SinkOptions, { env, clock, log, stateDirectory }: SinkParts): Sink {
  const http = 'url' in options ? options : undefined
  const { compression = 'none', retryFor = 0, deadLetter = DEAD_LETTER } = http ?? {}
  if (http?.tls.insecureSkipVerify) log.warn('the certificate of the destination is not verified')
  // Some collectors take both there, so it is no error.
  if (options.type === 'otlp' && new URL(options.url).port === GRPC_PORT)
    log.warn('this port is usual for OTLP over gRPC; Loggy speaks OTLP over HTTP, for which 4318 is usual', {
      url: options.url,
    })
  return {
    name: options.type,
    format: createFormat(options, { clock, log }),
    transport: createTransport({ ...options, env }, clock),
    compression,
    retryFor,
    deadLetter: { ...deadLetter, path: deadLetter.path || join(stateDirectory, 'dead-letter.ndjson') },
  }
}

function createFormat(options: SinkOptions, parts: Pick<SinkParts, 'clock' | 'log'>): Format {
  switch (options.type) {
    case 'otlp':
      return createOtlp(options.body)
    case 'loki':
      return createLoki(options.structuredMetadata)
    case 'elasticsearch':
      return createElasticsearch(options.dataStream)
    case 'splunk':
      return createSplunk(options.url, options)
    case 'datadog':
      return createDatadog({ now: () => parts.clock.now(), onUndated: undatedLog(parts) })
    case 'http':
      return createNdjson(options.schema, options.maxEntryBytes)
    default:
      return createNdjson(options.schema)
  }
}

/** Tells of undated entries once an hour: there may be many requests of them. */
function undatedLog({ clock, log }: Pick<SinkParts, 'clock' | 'log'>): (count: number) => void {
  let [untilMs, untold] = [Number.NEGATIVE_INFINITY, 0]
  return (count) => {
    untold += count
    if (clock.monotonic() < untilMs) return
    const message =
      'Datadog takes no logs older than 18 hours or from the future: they are sent with their time in the attribute `time` only'
    log.warn(message, { entries: untold })
    untilMs = clock.monotonic() + UNDATED_LOG_MS
    untold = 0
  }
}

function createTransport(options: SinkOptions & { readonly env: Environment }, clock: Clock): Transport {
  switch (options.type) {
    case 'stdout':
      return new StdoutTransport()
    case 'file':
      return new FileTransport(options.path, options)
    case 'http':
      return new HttpTransport({ ...options, tenantHeader: options.tenant.header }, clock)
    case 'otlp':
      return new HttpTransport({ ...options, url: logsUrl(options.url), tenantHeader: options.tenant.header }, clock)
    case 'loki':
      return new HttpTransport({ ...options, url: pushUrl(options.url), tenantHeader: options.tenant.header }, clock)
    case 'elasticsearch':
      return new HttpTransport({ ...options, url: bulkUrl(options.url), tenantHeader: '' }, clock)
    case 'datadog': {
      const key = { tokenFile: options.apiKeyFile, tokenAs: { header: 'dd-api-key', prefix: '' } }
      return new HttpTransport({ ...options, ...key, url: intakeUrl(options.url), tenantHeader: '' }, clock)
    }
    case 'splunk':
      return new HttpTransport({ ...options, ...splunkOptions(options) }, clock)
  }
}

/** A channel for each run: what another one has sent is of no use to this one. */
function splunkOptions({ url, headers, maxInFlight }: PostOptions) {
  return {
    url: eventUrl(url),
    headers: { 'x-splunk-request-channel': randomUUID(), ...headers },
    tokenAs: { header: 'authorization', prefix: 'Splunk ' },
    // Batches that wait until they are indexed, which takes seconds.
    slots: maxInFlight * SPLUNK_SLOTS,
    keepsCookies: true,
    tenantHeader: '',
  } as const
}
