import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import { SinkError } from '../lib/sink-error.ts'
import type { HttpProxy } from './http-proxy.ts'

export interface TunnelOptions {
  readonly proxy: HttpProxy
  /** `host:port` that all connections go to. */
  readonly authority: string
  /** Milliseconds for the proxy's answer. */
  readonly timeoutMs: number
  readonly clock: Clock
}

type Done = (error: Error | null, stream: Duplex) => void

/**
 * TLS connections through a proxy, by CONNECT (RFC 9110, 9.3.6). Node's own (`proxyEnv`) would not do: with 22.23 and 26.10 a request to a
 * destination that is silent behind its proxy never ends, whatever destroys it, and each leaves an open socket; it does not tell the proxy's
 * faults from the destination's; and its `NO_PROXY` has no networks.
 */
export class TunnelAgent extends https.Agent {
  readonly #tunnel: TunnelOptions
  readonly #closing = new AbortController()

  constructor(tunnel: TunnelOptions, options: https.AgentOptions) {
    super(options)
    this.#tunnel = tunnel
  }

  override createConnection(options: https.RequestOptions, callback: Done = () => {}): undefined {
    this.#open(options).then(
      (stream) => callback(null, stream),
      // Node looks at no stream then, whatever the type says.
      (error: Error) => (callback as (error: Error) => void)(error),
    )
    return undefined
  }

  async #open(options: https.RequestOptions): Promise<Duplex> {
    const socket = await this.#connect()
    try {
      // TLS is the business of the request from here on.
      return super.createConnection({ ...options, socket } as https.RequestOptions) ?? socket
    } catch (error) {
      // A certificate or key that is none.
      socket.destroy()
      throw error
    }
  }

  override destroy(): void {
    this.#closing.abort()
    super.destroy()
  }

  async #connect(): Promise<Duplex> {
    const { timeoutMs, clock } = this.#tunnel
    const over = new AbortController()
    const onTime = clock.sleep(timeoutMs, over.signal)
    void onTime.then(() => over.abort(new SinkError('HTTP_TIMEOUT', `no answer of the proxy within ${timeoutMs} ms`)))
    try {
      return await this.#ask(AbortSignal.any([over.signal, this.#closing.signal]))
    } finally {
      over.abort()
    }
  }

  #ask(signal: AbortSignal): Promise<Duplex> {
    const { proxy, authority } = this.#tunnel
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
    const request = (proxy.url.protocol === 'https:' ? https : http).request(proxy.url, {
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, 'user-agent': 'loggy', ...proxy.headers },
      agent: false,
    })
    const abort = () => request.destroy(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    request.once('connect', ({ statusCode = 0, statusMessage }, socket, head) => {
      signal.removeEventListener('abort', abort)
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy()
        return reject(proxy.refusal(statusCode, statusMessage))
      }
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('error', (error) => reject(signal.aborted ? signal.reason : proxy.unreachable(error)))
    request.end()
    return promise
  }
}
