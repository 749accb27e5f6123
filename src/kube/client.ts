import http from 'node:http'
import https from 'node:https'
import { finished } from 'node:stream/promises'
import { LoggyError } from '../lib/errors.ts'
import { bodyOf } from './body.ts'
import {
  type Connection,
  type ConnectionParts,
  type ConnectionSource,
  findConnection,
  hasChanged,
  loadConnection,
} from './connection.ts'
import type { KubeletAddress } from './kubelet-connection.ts'
import { readRefusal } from './refusal.ts'

/** A successful answer. */
export interface ApiResponse {
  /** Decompressed bytes as they arrive; throws if the connection breaks or the signal aborts. To stop early, abort the signal. */
  readonly body: AsyncIterable<Uint8Array>
  /** The server's time, as its header says. */
  readonly date?: string | undefined
}

/** The part of a client that a reflector needs. */
export interface ApiReader {
  /** Resolves with the headers of a 2xx answer. Rejects with ApiError for another status, otherwise with LoggyError `KUBE_UNREACHABLE`. */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiResponse>
}

/** A request to the server. */
interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** JSON. */
  readonly body?: string
}

/** Milliseconds after which the files of the credentials are checked again; client-go re-reads tokens as often. */
const credentialsAgeMs = 60_000
/** Milliseconds from the request to the headers of the answer; the server itself waits at most 3 s for a resourceVersion. */
const headersTimeoutMs = 30_000

/** A client of the API server, or of a kubelet. Uses the credentials of a KubeConfig, and reads them again when their files change. */
export class KubeClient implements ApiReader {
  readonly #source: ConnectionSource
  readonly #parts: ConnectionParts
  readonly #headersTimeoutMs: number
  #connection: Connection
  #checkedAt: number
  #mustReload = false
  readonly counters = { requests: 0, unauthorized: 0, unreachable: 0, credentialReloads: 0 }

  /** Throws LoggyError `KUBE_CONFIG_INVALID` if the source cannot be read. */
  constructor(source: ConnectionSource, options: ConnectionParts & { readonly headersTimeoutMs?: number }) {
    this.#source = source
    this.#parts = options
    this.#headersTimeoutMs = options.headersTimeoutMs ?? headersTimeoutMs
    this.#connection = loadConnection(source, options)
    this.#checkedAt = options.clock.monotonic()
  }

  /** Where kubectl would look for an object whose namespace is not named. */
  get namespace(): string {
    return this.#connection.namespace
  }

  async get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiResponse> {
    const answer = await this.#ask({ method: 'GET', path, query }, signal)
    return { body: bodyOf(answer), date: answer.headers.date }
  }

  /** Resolves when the server has created the object. Rejects as `get` does; with ApiError 409 if the name exists already. */
  async create(path: string, object: object, signal: AbortSignal): Promise<void> {
    const answer = await this.#ask({ method: 'POST', path, body: JSON.stringify(object) }, signal)
    // The body is not needed, but the connection can be reused only after it has been read.
    await finished(answer.resume(), { writable: false, signal }).catch((error: unknown) => {
      throw this.#unreachable(error)
    })
  }

  async #ask(question: ApiRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
    this.counters.requests += 1
    const response = await this.#send(question, signal).catch((error: unknown) => {
      throw this.#unreachable(error)
    })
    const code = response.statusCode ?? 0
    if (code >= 200 && code < 300) return response
    if (code === 401) {
      this.#mustReload = true
      this.counters.unauthorized += 1
    }
    throw await readRefusal(response, this.#peer)
  }

  /** Who is asked, for messages. */
  get #peer(): string {
    return this.#source.kind === 'kubelet' ? 'the kubelet' : 'the API server'
  }

  /** URL and credentials of a request, for callers that need more than `get`. Rejects if there are no credentials. */
  async address(
    path: string,
    query: Readonly<Record<string, string>>,
  ): Promise<{ readonly url: URL; readonly options: https.RequestOptions }> {
    const connection = this.#currentConnection()
    const { server } = connection
    const options: https.RequestOptions = { headers: { accept: 'application/json', 'user-agent': 'loggy' } }
    await connection.authorize(options)
    const url = new URL(server)
    url.pathname = server.pathname.replace(/\/$/, '') + path
    url.search = new URLSearchParams(query).toString()
    return { url, options }
  }

  #unreachable(cause: unknown): LoggyError {
    // A new certificate authority shows as a failed handshake, so the files are checked again before the next request.
    this.#checkedAt = Number.NEGATIVE_INFINITY
    this.counters.unreachable += 1
    return new LoggyError('KUBE_UNREACHABLE', `no answer from ${this.#peer}`, { cause })
  }

  async #send({ method, path, query = {}, body }: ApiRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
    const { url, options } = await this.address(path, query)
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { ...options.headers, ...type }
    const { request } = url.protocol === 'http:' ? http : https
    return await new Promise((resolve, reject) => {
      const sent = request(url, { ...options, method, headers, signal }, (response) => {
        sent.setTimeout(0)
        resolve(response)
      })
      sent.setTimeout(this.#headersTimeoutMs, () => sent.destroy(new Error(`nothing for ${this.#headersTimeoutMs} ms`)))
      // During a quiet watch only this detects a peer that is gone without closing the connection.
      sent.once('socket', (socket) => socket.setKeepAlive(true, 30_000))
      sent.on('error', reject)
      sent.end(body)
    })
  }

  #currentConnection(): Connection {
    const now = this.#parts.clock.monotonic()
    const isDue = now - this.#checkedAt >= credentialsAgeMs
    if (this.#mustReload || (isDue && hasChanged(this.#connection))) {
      this.#connection = loadConnection(this.#source, this.#parts)
      this.#mustReload = false
      this.counters.credentialReloads += 1
    }
    if (isDue) this.#checkedAt = now
    return this.#connection
  }
}

/**
 * A client for the service account or kubeconfig in `env`; `kubeconfig` of the options takes precedence.
 * Throws LoggyError `KUBE_CONFIG_MISSING` or `KUBE_CONFIG_INVALID`.
 */
export function connectClient({ kubeconfig }: { readonly kubeconfig: string }, parts: ConnectionParts): KubeClient {
  return new KubeClient(sourceOf(kubeconfig, parts), parts)
}

/** A client for the node's kubelet, with the same credentials. Throws as `connectClient` does. */
export function connectKubelet(
  { kubeconfig, kubelet }: { readonly kubeconfig: string; readonly kubelet: KubeletAddress },
  parts: ConnectionParts,
): KubeClient {
  return new KubeClient({ kind: 'kubelet', kubelet, credentials: sourceOf(kubeconfig, parts) }, parts)
}

function sourceOf(kubeconfig: string, { env }: ConnectionParts): ConnectionSource {
  return findConnection(kubeconfig === '' ? env : { ...env, KUBECONFIG: kubeconfig })
}
