import http from 'node:http'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { isPipelined, listen } from '../lib/listen.ts'
import { shared } from '../lib/shared.ts'
import type { Log } from '../model/log.ts'
import type { Observed } from './figures.ts'
import { lifeReasons, type Reasons, readinessReasons } from './health.ts'
import { Observer, type ObserverOptions } from './observe.ts'

/** The kubelet and some scrapers need a few connections. More would only use memory. */
const MOST_CONNECTIONS = 32
/** Milliseconds in which a request must arrive completely. */
const REQUEST_MS = 10_000

export interface TelemetryOptions extends ObserverOptions {
  /** 0: no server. */
  readonly port: number
}

export interface TelemetryParts {
  readonly agent: Observed
  readonly clock: Clock
  readonly log: Log
  /** Stops the server. */
  readonly signal: AbortSignal
}

interface PlainResponse {
  readonly status: number
  readonly type: string
  readonly text: string
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics` on all addresses until the signal aborts, then resolves. Never rejects: if the port is not
 * available, this is logged and retried, since collecting logs matters more than metrics.
 */
export async function serveTelemetry({ port, ...options }: TelemetryOptions, parts: TelemetryParts): Promise<void> {
  const { signal, clock, log } = parts
  if (port === 0 || signal.aborted) return
  const observer = new Observer(parts.agent, { ...options, clock })
  // With 500 containers a scrape takes 15 ms of CPU, so concurrent scrapes share one.
  const scrape = shared(async () => {
    // Imported only when needed: prom-client adds 30 ms to the start, and the first lines would wait for it.
    const { contentType, expose } = await import('./exposition.ts')
    return { status: 200, type: contentType, text: await expose(await observer.observe()) }
  })
  const server = http.createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    if (isPipelined(response)) request.socket.destroy()
    else void answer(request, { ...parts, scrape }).then((given) => send(response, given))
  })
  const onFault = (error: unknown) =>
    log.error('cannot serve metrics and health; retrying', { port, error: describeError(error) })
  await listen(server, signal, { port, mostConnections: MOST_CONNECTIONS, clock, onFault })
}

async function answer(
  { method, url = '' }: http.IncomingMessage,
  { agent, clock, log, scrape }: TelemetryParts & { readonly scrape: () => Promise<PlainResponse> },
): Promise<PlainResponse> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD are supported')
  try {
    switch (url.split('?', 1)[0]) {
      case '/healthz':
        return verdict(lifeReasons(agent))
      case '/readyz':
        return verdict(readinessReasons(agent.figures(), clock.monotonic()))
      case '/metrics':
        return await scrape()
      default:
        return plain(404, 'the paths are /healthz, /readyz and /metrics')
    }
  } catch (error) {
    log.warn('cannot answer a request for metrics or health', { url, error: describeError(error) })
    return plain(500, describeError(error))
  }
}

function verdict(reasons: Reasons): PlainResponse {
  return reasons.length === 0 ? plain(200, 'ok') : plain(503, reasons.join('\n'))
}

function plain(status: number, text: string): PlainResponse {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}

function send(response: http.ServerResponse, { status, type, text }: PlainResponse): void {
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  response.writeHead(status, headers).end(text) // for HEAD, Node omits the body
}
