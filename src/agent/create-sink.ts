import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Compression } from '../delivery/compression.ts'
import type { DeadLetterOptions } from '../delivery/dead-letters.ts'
import type { Sink } from '../delivery/delivery.ts'
import type { DataStream } from '../formats/elasticsearch/program.ts'
import type { LokiOptions } from '../formats/loki/loki.ts'
import { createNdjson } from '../formats/ndjson.ts'
import type { BodyForm } from '../formats/otlp/otlp.ts'
import type { SchemaName } from '../formats/schemas/schemas.ts'
import type { EventOptions } from '../formats/splunk/program.ts'
import type { AppendOptions } from '../lib/append-file.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../model/log.ts'
import type { Transport } from '../model/sink.ts'
import type { HttpOptions } from '../transports/http.ts'
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

/** Creates the sink of a configuration: a format and a transport. Rejects with a SinkError if it cannot be opened. */
export async function createSink(options: SinkOptions, parts: SinkParts): Promise<Sink> {
  const { log, stateDirectory } = parts
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
    ...(await createEnds(options, parts)),
    compression,
    retryFor,
    deadLetter: { ...deadLetter, path: deadLetter.path || join(stateDirectory, 'dead-letter.ndjson') },
  }
}

/** Loads what this type of sink needs, and nothing else: all others together would cost each agent memory. */
async function createEnds(options: SinkOptions, parts: SinkParts): Promise<Pick<Sink, 'format' | 'transport'>> {
  const { clock, log } = parts
  switch (options.type) {
    case 'stdout':
      return { format: createNdjson(options.schema), transport: new StdoutTransport() }
    case 'file': {
      const { FileTransport } = await import('../transports/file.ts')
      return { format: createNdjson(options.schema), transport: new FileTransport(options.path, options) }
    }
    case 'http':
      return {
        format: createNdjson(options.schema, options.maxEntryBytes),
        transport: await createHttp({ ...options, tenantHeader: options.tenant.header }, parts),
      }
    case 'otlp': {
      const { createOtlp, logsUrl } = await import('../formats/otlp/otlp.ts')
      const http = { ...options, url: logsUrl(options.url), tenantHeader: options.tenant.header }
      return { format: createOtlp(options.body), transport: await createHttp(http, parts) }
    }
    case 'loki': {
      const { createLoki, pushUrl } = await import('../formats/loki/loki.ts')
      const http = { ...options, url: pushUrl(options.url), tenantHeader: options.tenant.header }
      return { format: createLoki(options.structuredMetadata), transport: await createHttp(http, parts) }
    }
    case 'elasticsearch': {
      const { bulkUrl, createElasticsearch } = await import('../formats/elasticsearch/elasticsearch.ts')
      const http = { ...options, url: bulkUrl(options.url), tenantHeader: '' }
      return { format: createElasticsearch(options.dataStream), transport: await createHttp(http, parts) }
    }
    case 'datadog': {
      const { createDatadog, intakeUrl } = await import('../formats/datadog/datadog.ts')
      const key = { tokenFile: options.apiKeyFile, tokenAs: { header: 'dd-api-key', prefix: '' } }
      const http = { ...options, ...key, url: intakeUrl(options.url), tenantHeader: '' }
      const format = createDatadog({ now: () => clock.now(), onUndated: undatedLog({ clock, log }) })
      return { format, transport: await createHttp(http, parts) }
    }
    case 'splunk': {
      const { createSplunk, eventUrl } = await import('../formats/splunk/splunk.ts')
      const http = { ...options, ...splunkOptions(options), url: eventUrl(options.url) }
      return { format: createSplunk(options.url, options), transport: await createHttp(http, parts) }
    }
  }
}

async function createHttp(options: Omit<HttpOptions, 'env'>, { env, clock }: SinkParts): Promise<Transport> {
  const { HttpTransport } = await import('../transports/http.ts')
  return new HttpTransport({ ...options, env }, clock)
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

/** A channel for each run: what another one has sent is of no use to this one. */
function splunkOptions({ headers, maxInFlight }: PostOptions) {
  return {
    headers: { 'x-splunk-request-channel': randomUUID(), ...headers },
    tokenAs: { header: 'authorization', prefix: 'Splunk ' },
    // Batches that wait until they are indexed, which takes seconds.
    slots: maxInFlight * SPLUNK_SLOTS,
    keepsCookies: true,
    tenantHeader: '',
  } as const
}
