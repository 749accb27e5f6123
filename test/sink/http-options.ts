import type { HttpOptions } from '../../src/sink/http.ts'

/** Options of an HTTP sink, all at their defaults but one request at a time. */
export function httpOptions(url: string, deadLetterPath: string): HttpOptions {
  return {
    url,
    headers: {},
    compression: 'none',
    tokenFile: '',
    timeout: 10_000,
    maxInFlight: 1,
    retryFor: 0,
    tls: { caFile: '', certFile: '', keyFile: '', serverName: '', insecureSkipVerify: false },
    deadLetter: { path: deadLetterPath, maxBytes: 1 << 20 },
  }
}
