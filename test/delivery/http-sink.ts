import type { Sink } from '../../src/delivery/delivery.ts'
import { ndjson } from '../../src/formats/ndjson.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { type HttpOptions, HttpTransport } from '../../src/transports/http.ts'

/** Of a sink that posts NDJSON. */
export interface HttpSinkOptions
  extends HttpOptions,
    Pick<Sink, 'compression' | 'retryFor' | 'deadLetter' | 'format'> {}

/** All at their defaults but one request at a time. */
export function httpOptions(url: string, deadLetterPath: string): HttpSinkOptions {
  return {
    url,
    headers: {},
    tokenFile: '',
    username: '',
    passwordFile: '',
    timeout: 10_000,
    maxInFlight: 1,
    tenantHeader: 'X-Scope-OrgID',
    env: {},
    tls: { caFile: '', certFile: '', keyFile: '', serverName: '', insecureSkipVerify: false },
    compression: 'none',
    retryFor: 0,
    deadLetter: { path: deadLetterPath, maxBytes: 1 << 20 },
    format: ndjson,
  }
}

export function httpSink(options: HttpSinkOptions, clock: Clock): Sink {
  return { ...options, name: 'http', transport: new HttpTransport(options, clock) }
}
