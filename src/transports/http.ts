import http from 'node:http'
import https from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'
import type { Answer, Request, Transport } from '../model/sink.ts'
import { Cookies } from './cookies.ts'
import { type Credential, type CredentialOptions, Credentials } from './credentials.ts'
import { authorityOf, type Environment, HttpProxy } from './http-proxy.ts'
import { OVER, type PostRequest, post, type Reply } from './post.ts'
import { hideSecrets } from './secrets.ts'
import { TunnelAgent } from './tunnel-agent.ts'

/** A URL to post to, and how. */
export interface HttpOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly tokenFile: string
  readonly username: string
  readonly passwordFile: string
  readonly tls: CredentialOptions['tls'] & {
    /** The name expected in the certificate; empty: the URL's host. */
    readonly serverName: string
    readonly insecureSkipVerify: boolean
  }
  /** Milliseconds for a whole request, from connecting to the last byte of the response. */
  readonly timeout: number
  /** Maximum number of requests in flight. With more than one, a batch can arrive before an earlier one. */
  readonly maxInFlight: number
  /** Maximum number of batches; as many as requests, if absent. */
  readonly slots?: number
  /** The cookies that the server sets are sent back, as load balancers need it that keep a client at one server. */
  readonly keepsCookies?: true
  /** Name of the header with the tenant of a request's entries; empty: the entries say it themselves. */
  readonly tenantHeader: string
  /** Has the proxy, if there is one. */
  readonly env: Environment
}

/** What nginx takes of a request unless it is told otherwise: a larger one would be refused, and sent again in halves. */
const BATCH_BYTES = 1 << 20
/** Milliseconds. Load balancers usually drop an idle connection after a minute or more, some without closing it. */
const IDLE_MS = 30_000
/** Datadog and Splunk answer 403 to a token that they do not know. */
const UNAUTHORIZED: ReadonlySet<number> = new Set([401, 403])

/** Codes of a connection that does not come about. */
const NO_CONNECTION = new Set('ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ETIMEDOUT'.split(' '))

/** Posts requests over keep-alive connections with the current credentials. Uses node:http: undici would be half of the bundle. */
export class HttpTransport implements Transport {
  readonly name: string
  readonly maxInFlight: number
  readonly slots: number
  readonly batchBytes = BATCH_BYTES
  readonly #url: URL
  readonly #options: HttpOptions
  readonly #clock: Clock
  readonly #credentials: Credentials
  readonly #agent: http.Agent
  readonly #cookies: Cookies | undefined
  /** Of requests that a proxy forwards; through a tunnel they go to the destination itself. */
  readonly #forwarder: HttpProxy | undefined

  constructor(options: HttpOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#url = new URL(options.url)
    const isSecure = this.#url.protocol === 'https:'
    const proxy = HttpProxy.for(this.#url, options.env)
    const through = proxy === undefined ? '' : ` through the proxy ${proxy.name}`
    this.name = this.#url.origin + this.#url.pathname + through // without the query, which may contain a key
    this.maxInFlight = options.maxInFlight
    this.slots = options.slots ?? options.maxInFlight
    if (options.keepsCookies) this.#cookies = new Cookies()
    this.#credentials = new Credentials(options, clock)
    this.#forwarder = isSecure ? undefined : proxy
    const keep = { keepAlive: true, timeout: IDLE_MS }
    const tunnel = { authority: authorityOf(this.#url), timeoutMs: options.timeout, clock }
    if (isSecure && proxy !== undefined) this.#agent = new TunnelAgent({ ...tunnel, proxy }, keep)
    else this.#agent = new ((this.#forwarder?.url ?? this.#url).protocol === 'https:' ? https : http).Agent(keep)
  }

  /** Retries at once where waiting would not help: if an idle connection had been closed, or the token was renewed. */
  async send(request: Request, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#try(request, signal).catch((error: unknown) => faultOf(error))
    signal.throwIfAborted()
    return answer
  }

  async close(): Promise<void> {
    this.#agent.destroy()
  }

  async #try(request: Request, signal: AbortSignal): Promise<Answer> {
    const credential = await this.#credentials.current()
    const answer = await this.#exchange(request, credential, signal)
    if (answer.kind !== 'status' || !UNAUTHORIZED.has(answer.status)) return answer
    const renewed = await this.#credentials.read()
    return isDeepStrictEqual(renewed.headers, credential.headers)
      ? answer
      : await this.#exchange(request, renewed, signal)
  }

  async #exchange(request: Request, credential: Credential, signal: AbortSignal): Promise<Answer> {
    for (let idle = this.#options.maxInFlight; ; idle -= 1) {
      const reply = await this.#post(request, credential, signal)
      if (reply.kind !== 'stale') return reply
      if (idle === 0) return faultOf(reply.error)
    }
  }

  async #post(request: Request, credential: Credential, closing: AbortSignal) {
    const { timeout } = this.#options
    const over = new AbortController()
    const signal = AbortSignal.any([closing, over.signal])
    const onTime = this.#clock.sleep(timeout, signal)
    void onTime.then(() => {
      if (!signal.aborted) over.abort(new SinkError('HTTP_TIMEOUT', `no whole answer within ${timeout} ms`))
    })
    try {
      const options = {
        ...this.#tlsOptions(credential),
        agent: this.#agent,
        headers: this.#headers(request, credential),
      }
      const { body, answerBytes } = request
      const url = request.url === undefined ? this.#url : new URL(request.url)
      const reply = await this.#forward(url, { body, answerBytes, options, signal, clock: this.#clock })
      if (reply.kind === 'status') this.#cookies?.take(reply.headers['set-cookie'], this.#clock.now())
      const sent = { url: this.#url, headers: { ...options.headers, ...this.#forwarder?.headers } }
      return reply.kind === 'status' ? { ...reply, body: hideSecrets(reply, sent) } : reply
    } finally {
      over.abort(OVER) // no error: see post.ts
    }
  }

  /** A proxy gets the whole URL (RFC 9112, 3.2.2). */
  async #forward(url: URL, request: PostRequest): Promise<Reply> {
    const proxy = this.#forwarder
    if (proxy === undefined) return post(url, request)
    const headers = { host: url.host, ...request.options.headers, ...proxy.headers }
    const options = { ...request.options, headers, path: url.href }
    const reply = await post(proxy.url, { ...request, options })
    const isProxys = reply.kind === 'fault' && NO_CONNECTION.has(systemCode(reply.error) ?? '')
    return isProxys ? { ...reply, error: proxy.unreachable(reply.error) } : reply
  }

  #headers(
    { body, contentType, contentEncoding, partition }: Request,
    credential: Credential,
  ): http.OutgoingHttpHeaders {
    const { headers, tenantHeader } = this.#options
    const cookie = this.#cookies?.header ?? ''
    return {
      'content-type': contentType,
      'user-agent': 'loggy',
      ...(cookie !== '' && { cookie }),
      ...headers,
      'content-length': body.length,
      ...(contentEncoding !== '' && { 'content-encoding': contentEncoding }),
      ...credential.headers,
      ...(partition !== '' && tenantHeader !== '' && { [tenantHeader.toLowerCase()]: partition }),
    }
  }

  /** The connection pool's key includes these, so renewed certificates get new connections. */
  #tlsOptions({ tls }: Credential): https.RequestOptions {
    const { serverName, insecureSkipVerify } = this.#options.tls
    return { ...tls, rejectUnauthorized: !insecureSkipVerify, ...(serverName !== '' && { servername: serverName }) }
  }
}

function faultOf(error: unknown): Answer {
  return { kind: 'fault', error, isTimeout: false }
}
