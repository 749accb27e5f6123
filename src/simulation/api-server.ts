import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { type PlannedFailure, send, sendFailure, sendStatus } from './api-answer.ts'
import { kubeconfigFor } from './api-kubeconfig.ts'
import { type ApiObject, ApiObjects } from './api-objects.ts'
import { ApiPostedEvents } from './api-posted-events.ts'
import { type Question, understand } from './api-question.ts'
import { type ApiRequest, type ApiResource, type ApiVerb, kindOf, readRequest } from './api-request.ts'
import { forbidden, missing, noStreamedLists, type StatusFields, tooLarge, usualStatus } from './api-status.ts'
import { ApiWatch } from './api-watch.ts'
import { LoopbackPort } from './loopback-port.ts'

/** How the server listens; by default over plain HTTP, without a token. */
export interface FakeApiServerOptions {
  /** In PEM format. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** The token that clients must send. */
  readonly token?: string
  /** Handles upgrade requests; without it, they are disconnected. */
  readonly onUpgrade?: (message: http.IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Whether a watch may begin with all objects and a bookmark, as from Kubernetes 1.34 on by default. */
  readonly streamsLists?: boolean
}

/** Seconds. Source: the API server's `--min-request-timeout`. */
const defaultTimeoutSeconds = 1800
/**
 * An API server on the loopback interface, which lists and watches pods, namespaces and nodes, and accepts events on pods. Headers, events
 * of watches and failures are as on a real one (compared with Kubernetes 1.20). It can also be made to fail.
 */
export class FakeApiServer {
  readonly objects = new ApiObjects()
  /** Events that clients have posted. */
  readonly postedEvents = new ApiPostedEvents()
  /** All requests so far, oldest first. */
  readonly requests: ApiRequest[] = []
  readonly #server: http.Server
  readonly #isSecure: boolean
  readonly #streamsLists: boolean
  #endsLists = true
  readonly #watches = new Set<ApiWatch>()
  readonly #failures: PlannedFailure[] = []
  readonly #denied = new Set<string>()
  #token: string | undefined
  readonly #port: LoopbackPort

  private constructor({ tls, token, onUpgrade, streamsLists = true }: FakeApiServerOptions) {
    this.#streamsLists = streamsLists
    const answer: http.RequestListener = (message, response) => {
      const giveUp = () => response.destroy()
      readRequest(message).then((request) => this.#answer(request, response), giveUp)
    }
    this.#server = tls === undefined ? http.createServer(answer) : https.createServer(tls, answer)
    this.#port = new LoopbackPort(this.#server)
    if (onUpgrade !== undefined) this.#server.on('upgrade', onUpgrade)
    this.#isSecure = tls !== undefined
    this.#token = token
  }

  /** Resolves when it listens on a free port. */
  static async start(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
    const server = new FakeApiServer(options)
    await server.up()
    return server
  }

  get url(): string {
    return `${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${this.#port.number}`
  }

  /** For a client without a CA: see kubeconfigFor. */
  get kubeconfig(): string {
    return kubeconfigFor(this.url, { token: this.#token })
  }

  upsert(object: ApiObject): ApiObject {
    return this.objects.upsert(object)
  }

  delete(object: ApiObject): boolean {
    return this.objects.delete(object)
  }

  /** Number of such requests so far. */
  count(verb: ApiVerb, resource: ApiResource | 'events'): number {
    return this.requests.filter((request) => request.verb === verb && request.resource === resource).length
  }

  /** The open watches. */
  openWatches(resource: ApiResource): readonly ApiWatch[] {
    return [...this.#watches].filter((watch) => watch.kind === kindOf(resource))
  }

  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark()
  }

  /** Ends all watches as if their timeout had passed. */
  endWatches(): void {
    for (const watch of this.#watches) watch.end()
  }

  /** Cuts all connections in the middle of their responses. */
  cutConnections(): void {
    this.#server.closeAllConnections()
  }

  /** From now on, older versions are reported as expired. */
  expireHistory(): void {
    this.objects.expire()
  }

  /** Answers the next requests with this failure, before anything else is checked. */
  failNext(count: number, failure: PlannedFailure): void {
    for (let i = 0; i < count; i++) this.#failures.push(failure)
  }

  /** Cancels the planned failures. */
  failNoMore(): void {
    this.#failures.length = 0
  }

  /** Takes away a permission. */
  deny(verb: ApiVerb, resource: ApiResource | 'events'): void {
    this.#denied.add(`${verb} ${resource}`)
  }

  /** Gives the permission back. */
  allow(verb: ApiVerb, resource: ApiResource | 'events'): void {
    this.#denied.delete(`${verb} ${resource}`)
  }

  /** From now on, streamed lists have no bookmark at their end, as of a server that does not know what was asked. */
  forgetListEnds(): void {
    this.#endsLists = false
  }

  /** From now on only this token is accepted. */
  setToken(token: string): void {
    this.#token = token
  }

  /** Uses another certificate (PEM) for new connections. */
  setCertificate(tls: { readonly key: string; readonly cert: string }): void {
    if (this.#server instanceof https.Server) this.#server.setSecureContext(tls)
  }

  /** Listens again on the same port. */
  up(): Promise<void> {
    return this.#port.up()
  }

  /** Cuts all connections and refuses new ones. */
  down(): Promise<void> {
    return this.#port.down()
  }

  close(): Promise<void> {
    return this.#port.close()
  }

  #answer(request: ApiRequest, response: http.ServerResponse): void {
    this.requests.push(request)
    response.setHeader('Cache-Control', 'no-cache, private')
    response.setHeader('Content-Type', 'application/json')
    const planned = this.#failures.findIndex(({ verb }) => verb === undefined || verb === request.verb)
    const [failure] = planned === -1 ? [] : this.#failures.splice(planned, 1)
    const refusal = this.#refusalOf(request)
    if (failure !== undefined) sendFailure(response, failure)
    else if (refusal !== undefined) sendStatus(response, refusal)
    else if (request.verb === 'create') this.#create(request, response)
    else this.#read(request, response)
  }

  /** The first checks of a real server, in its order. */
  #refusalOf({ verb, resource, namespace, authorization }: ApiRequest): StatusFields | undefined {
    if (this.#token !== undefined && authorization !== `Bearer ${this.#token}`) return usualStatus(401)
    if (resource === undefined) return { ...usualStatus(404), details: {} }
    return this.#denied.has(`${verb} ${resource}`) ? forbidden(verb, { resource, namespace }) : undefined
  }

  #create({ namespace = '', body, userAgent }: ApiRequest, response: http.ServerResponse): void {
    const made = this.postedEvents.create(body, { namespace, userAgent })
    if ('code' in made) sendStatus(response, made)
    else send(response, { code: 201, body: made.event })
  }

  #read(request: ApiRequest, response: http.ServerResponse): void {
    const question = understand(request)
    if ('code' in question) sendStatus(response, question)
    else if (request.verb === 'get') this.#get(request, response, question)
    else if (request.verb === 'watch') this.#watch(request, response, question)
    else this.#list(response, question)
  }

  #get({ name = '' }: ApiRequest, response: http.ServerResponse, { resource, filter }: Question): void {
    const found = this.objects.list(kindOf(resource), filter).find(({ metadata }) => metadata.name === name)
    if (found === undefined) sendStatus(response, missing(resource, name))
    else send(response, { code: 200, body: { apiVersion: 'v1', ...found } })
  }

  #list(response: http.ServerResponse, { resource, filter, version = 0 }: Question): void {
    const current = this.objects.version
    if (version > current) {
      response.setHeader('Retry-After', '1')
      sendStatus(response, tooLarge(version, current))
      return
    }
    const kind = kindOf(resource)
    // In a list, objects have neither kind nor apiVersion.
    const items = this.objects.list(kind, filter).map(({ metadata, spec, status }) => ({ metadata, spec, status }))
    const metadata = { resourceVersion: `${current}` }
    send(response, { code: 200, body: { kind: `${kind}List`, apiVersion: 'v1', metadata, items } })
  }

  #watch({ query }: ApiRequest, response: http.ServerResponse, { resource, filter, version }: Question): void {
    const isList = query.get('sendInitialEvents') === 'true'
    if (isList && !this.#streamsLists) {
      sendStatus(response, noStreamedLists())
      return
    }
    const watch = new ApiWatch(response, this.objects, {
      kind: kindOf(resource),
      filter,
      version,
      isList,
      hasListEnd: isList && this.#endsLists,
      timeoutSeconds: Number(query.get('timeoutSeconds') ?? defaultTimeoutSeconds),
      hasBookmarks: ['1', 'true'].includes(query.get('allowWatchBookmarks') ?? ''),
    })
    this.#watches.add(watch)
    response.once('close', () => this.#watches.delete(watch))
  }
}
