import * as http from 'node:http'
import * as https from 'node:https'
import type { Clock } from '../lib/clock.ts'
import type { Compression } from './compression.ts'
import { type Credential, type CredentialFiles, Credentials } from './credentials.ts'
import { post, type Reply } from './post.ts'
import { SinkError } from './sink-error.ts'
import { judgeAnswer, judgeFault, type Verdict } from './verdict.ts'

/** A URL that takes posts, and how to talk to it. */
export interface EndpointOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly tokenFile: string
  readonly tls: CredentialFiles['tls'] & {
    /** The name on the certificate; empty: the URL's. */
    readonly serverName: string
    readonly insecureSkipVerify: boolean
  }
  /** Milliseconds for a whole request, from the connection to the last byte of the answer. */
  readonly timeout: number
  /** Requests at a time. With more than one, a batch can arrive before the one it follows. */
  readonly maxInFlight: number
}

/** A request's body. */
export interface Body {
  readonly bytes: Uint8Array
  readonly compression: Compression
}

/** Milliseconds. Load balancers commonly drop an idle connection after a minute or more, some without a word. */
const IDLE_MS = 30_000

/** Posts bodies over kept-alive connections with the credentials of the moment. By node:http: undici would be half of the bundle. */
export class Endpoint {
  /** For people: without a query, which may hold a key. */
  readonly name: string
  requestCount = 0
  readonly #url: URL
  readonly #options: EndpointOptions
  readonly #clock: Clock
  readonly #credentials: Credentials
  readonly #agent: http.Agent

  constructor(options: EndpointOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#url = new URL(options.url)
    this.name = this.#url.origin + this.#url.pathname
    this.#credentials = new Credentials(options, clock)
    const Agent = this.#url.protocol === 'https:' ? https.Agent : http.Agent
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.maxInFlight, timeout: IDLE_MS })
  }

  /** One try. Never rejects: a fault is a verdict too. */
  async offer(body: Body, signal: AbortSignal): Promise<Verdict> {
    try {
      const reply = await this.#exchange(body, signal)
      return reply.is === 'answer' ? judgeAnswer(reply.answer, this.#clock.now()) : judgeFault(reply.error)
    } catch (error) {
      return judgeFault(error)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Tries again at once where waiting would not help: on connections that had been closed while idle, and with a renewed token. */
  async #exchange(body: Body, signal: AbortSignal): Promise<Reply> {
    const credential = await this.#credentials.current()
    let reply = await this.#send(body, credential, signal)
    for (let idle = this.#options.maxInFlight; idle > 0 && reply.is === 'fault' && reply.isStale; idle -= 1) {
      reply = await this.#send(body, credential, signal)
    }
    if (reply.is !== 'answer' || reply.answer.status !== 401) return reply
    const renewed = await this.#credentials.read()
    return renewed.token === credential.token ? reply : this.#send(body, renewed, signal)
  }

  async #send({ bytes, compression }: Body, credential: Credential, closing: AbortSignal): Promise<Reply> {
    const { timeout } = this.#options
    const over = new AbortController()
    const signal = AbortSignal.any([closing, over.signal])
    const onTime = this.#clock.sleep(timeout, signal)
    void onTime.then(() => over.abort(new SinkError('HTTP_TIMEOUT', `no whole answer within ${timeout} ms`)))
    this.requestCount += 1
    try {
      const headers = this.#headers({ bytes, compression }, credential)
      const options = { ...this.#tlsOptions(credential), agent: this.#agent, headers }
      return await post(this.#url, { body: bytes, options, signal })
    } finally {
      over.abort()
    }
  }

  #headers({ bytes, compression }: Body, { token }: Credential): http.OutgoingHttpHeaders {
    return {
      'content-type': 'application/x-ndjson',
      'user-agent': 'loggy',
      ...this.#options.headers,
      'content-length': bytes.length,
      ...(compression !== 'none' && { 'content-encoding': compression }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
  }

  /** Part of what the pool of connections goes by: renewed certificates get connections of their own. */
  #tlsOptions({ tls }: Credential): https.RequestOptions {
    const { serverName, insecureSkipVerify } = this.#options.tls
    return { ...tls, rejectUnauthorized: !insecureSkipVerify, ...(serverName !== '' && { servername: serverName }) }
  }
}
