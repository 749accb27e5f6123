import { join } from 'node:path'
import type { Compression } from '../delivery/compression.ts'
import type { DeadLetterOptions } from '../delivery/dead-letters.ts'
import type { Sink } from '../delivery/delivery.ts'
import { createNdjson } from '../formats/ndjson.ts'
import type { SchemaName } from '../formats/schemas/schemas.ts'
import type { AppendOptions } from '../lib/append-file.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../model/log.ts'
import type { Transport } from '../model/sink.ts'
import { FileTransport } from '../transports/file.ts'
import { type HttpOptions, HttpTransport } from '../transports/http.ts'
import { StdoutTransport } from '../transports/stdout.ts'

/** The destination's options, by type. */
export type SinkOptions = { readonly schema: SchemaName } & TransportOptions

type TransportOptions =
  | { readonly type: 'stdout' }
  | ({ readonly type: 'file'; readonly path: string } & AppendOptions)
  | ({
      readonly type: 'http'
      readonly compression: Compression
      readonly retryFor: number
      readonly deadLetter: DeadLetterOptions
      readonly tenant: { readonly header: string }
    } & Omit<HttpOptions, 'tenantHeader'>)

export interface SinkParts {
  readonly clock: Clock
  readonly log: Log
  /** Default folder of the dead letter file. */
  readonly stateDirectory: string
}

const DEAD_LETTER = { path: '', maxBytes: 100 << 20 }

/** Creates the sink of a configuration: a format and a transport. Throws a SinkError if it cannot be opened. */
export function createSink(options: SinkOptions, { clock, log, stateDirectory }: SinkParts): Sink {
  const http = options.type === 'http' ? options : undefined
  const { compression = 'none', retryFor = 0, deadLetter = DEAD_LETTER } = http ?? {}
  if (http?.tls.insecureSkipVerify) log.warn('the certificate of the destination is not verified')
  return {
    name: options.type,
    format: createNdjson(options.schema),
    transport: createTransport(options, clock),
    compression,
    retryFor,
    deadLetter: { ...deadLetter, path: deadLetter.path || join(stateDirectory, 'dead-letter.ndjson') },
  }
}

function createTransport(options: TransportOptions, clock: Clock): Transport {
  switch (options.type) {
    case 'stdout':
      return new StdoutTransport()
    case 'file':
      return new FileTransport(options.path, options)
    case 'http':
      return new HttpTransport({ ...options, tenantHeader: options.tenant.header }, clock)
  }
}
