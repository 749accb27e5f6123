import { once } from 'node:events'
import * as http from 'node:http'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Log } from '../model.ts'
import type { Observed } from './figures.ts'
import { lifeReasons, type Reasons, readinessReasons } from './health.ts'
import { Observer, type ObserverOptions } from './observe.ts'

/** Connections at a time; a kubelet and some scrapers have a few. More could only cost memory that lines need. */
const MOST_CONNECTIONS = 32
/** Milliseconds in which a request has to come as a whole. */
const REQUEST_MS = 10_000

export interface TelemetryOptions extends ObserverOptions {
  /** 0 serves nothing. */
  readonly port: number
}

export interface TelemetryParts {
  readonly agent: Observed
  readonly clock: Clock
  readonly log: Log
  /** Ends it. */
  readonly signal: AbortSignal
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics` on all addresses until the signal aborts, then resolves. Never rejects: a port that
 * cannot be had is reported and tried again, for lines matter more than figures.
 */
export async function serveTelemetry({ port, ...options }: TelemetryOptions, parts: TelemetryParts): Promise<void> {
  const { signal, clock, log } = parts
  if (port === 0 || signal.aborted) return
  const observer = new Observer(parts.agent, options, clock)
  const server = http.createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    void answer(request, observer, parts).then((given) => send(response, given))
  })
  server.maxConnections = MOST_CONNECTIONS
  try {
    await listen(server, port, parts)
    server.on('error', (error) => log.error('the server of metrics and health fails', { error: describeError(error) }))
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** Resolves when it listens, or the signal aborts. */
async function listen(server: http.Server, port: number, { clock, log, signal }: TelemetryParts): Promise<void> {
  const backoff = new Backoff({ initialMs: 1000, maximumMs: 30_000 })
  let told: string | undefined
  while (!signal.aborted) {
    try {
      server.listen(port)
      await once(server, 'listening')
      if (told !== undefined) log.info('metrics and health are served', { port })
      return
    } catch (error) {
      const kind = systemCode(error) ?? 'other'
      const fields = { port, error: describeError(error) }
      if (kind !== told) log.error('cannot serve metrics and health; trying on', fields)
      told = kind
    }
    await clock.sleep(backoff.next(), signal)
  }
}

async function answer(
  { method, url = '' }: http.IncomingMessage,
  observer: Observer,
  parts: TelemetryParts,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD')
  const { agent, clock, log } = parts
  try {
    switch (url.split('?', 1)[0]) {
      case '/healthz':
        return verdict(lifeReasons(agent.figures()))
      case '/readyz':
        return verdict(readinessReasons(agent.figures(), clock.monotonic()))
      case '/metrics': {
        // On demand: prom-client would cost the start 20 ms, which the first lines would wait for.
        const { contentType, expose } = await import('./exposition.ts')
        return { status: 200, type: contentType, text: await expose(await observer.observe()) }
      }
      default:
        return plain(404, 'there are /healthz, /readyz and /metrics')
    }
  } catch (error) {
    log.warn('cannot answer a request for metrics or health', { url, error: describeError(error) })
    return plain(500, describeError(error))
  }
}

function verdict(reasons: Reasons): Answer {
  return reasons.length === 0 ? plain(200, 'ok') : plain(503, reasons.join('\n'))
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}

function send(response: http.ServerResponse, { status, type, text }: Answer): void {
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  response.writeHead(status, headers).end(text) // a HEAD has its body left out by Node
}
