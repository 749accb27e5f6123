import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock.ts'
import { isPipelined, listen } from '../lib/listen.ts'
import { shared } from '../lib/shared.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { EntryFeed } from './entry-feed.ts'
import { explain } from './explanation.ts'
import { refusal } from './guard.ts'
import { type LivePage, loadPage } from './page.ts'
import { parseQuery, QueryError } from './query.ts'
import { parseTailFilter } from './tail-filter.ts'
import { TailReader } from './tail-reader.ts'

/** Readers at a time: each costs a copy of what it is sent. */
const MOST_READERS = 16
/** Connections at a time; a page has up to six. */
const MOST_CONNECTIONS = 64
/** Milliseconds in which a request has to come as a whole. */
const REQUEST_MS = 10_000
/** Milliseconds between two rounds over the readers. */
const TEND_MS = 1000

/** What the agent is asked. */
export interface ApiSubject {
  containers(): Promise<readonly ContainerStatus[]>
  find(ref: ContainerRef): PodRecord | undefined
  /** In a sentence each: annotations of the container's pod that are meant for Loggy and ignored. */
  ignoredHints(ref: ContainerRef): readonly string[]
  /** Names of containers of the pod that run without a log. */
  absentLogs(namespace: string, pod: string): readonly string[]
  /** In a sentence each: what is wrong with what the agent was told of its node and its pod. */
  readonly warnings: readonly string[]
  readonly heedsAnnotations: boolean
  readonly sinkTrouble: string | undefined
}

export interface ApiServerParts {
  readonly subject: ApiSubject
  readonly feed: EntryFeed
  readonly node: string
  readonly version: string
  readonly clock: Clock
  readonly log: Log
}

interface PlainResponse {
  readonly status: number
  readonly body: object
}

/** Answers, on 127.0.0.1 alone, what the live page, `loggy explain` and `loggy tail` ask. */
export class ApiServer {
  readonly #parts: ApiServerParts
  readonly #server: Server
  /** Each costs a look at every open file. */
  readonly #statuses: () => Promise<readonly ContainerStatus[]>
  #page: LivePage | undefined

  constructor(parts: ApiServerParts) {
    this.#parts = parts
    this.#statuses = shared(() => parts.subject.containers())
    this.#server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
      if (isPipelined(response)) request.socket.destroy()
      else
        void this.#serve(request, response).catch((error: unknown) => {
          parts.log.error('a request to the local API failed', { url: request.url, error })
          response.destroy()
        })
    })
  }

  /** Answers until the signal aborts; a port that is in use is told, and tried again. */
  run(port: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    const onFault = (error: unknown) => log.error('the local API cannot listen; retrying', { port, error })
    return listen(this.#server, signal, { port, host: '127.0.0.1', mostConnections: MOST_CONNECTIONS, clock, onFault })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reason = refusal(request)
    if (reason !== undefined) return send(response, { status: 403, body: { error: reason } })
    if (request.method !== 'GET') return send(response, { status: 405, body: { error: 'only GET is answered' } })
    try {
      const url = URL.parse(request.url ?? '/', 'http://localhost')
      if (url === null) throw new QueryError('the address cannot be read')
      const answer = await this.#answer(url, response)
      if (answer !== undefined) send(response, answer)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      send(response, { status: 400, body: { error: error.message } })
    }
  }

  /** Undefined when the response has been taken over. */
  async #answer({ pathname, searchParams }: URL, response: ServerResponse): Promise<PlainResponse | undefined> {
    switch (pathname) {
      case '/':
        return this.#showPage(response)
      case '/api/containers':
        return { status: 200, body: await this.#containers() }
      case '/api/explain':
        return { status: 200, body: await this.#explain(searchParams) }
      case '/api/tail':
        return this.#tail(searchParams, response)
      default:
        return { status: 404, body: { error: `there is no ${pathname}` } }
    }
  }

  #showPage(response: ServerResponse): undefined {
    this.#page ??= loadPage()
    const { body, contentSecurityPolicy } = this.#page
    const about = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': contentSecurityPolicy }
    response.writeHead(200, { ...HEADERS, ...about }).end(body)
  }

  async #containers() {
    const { node, version, clock, subject } = this.#parts
    const containers = await this.#statuses()
    return {
      node,
      version,
      time: new Date(clock.now()).toISOString(),
      warnings: subject.warnings,
      containers: containers.map(flat),
    }
  }

  async #explain(query: URLSearchParams) {
    const { namespace, pod } = parseQuery(query, ['namespace', 'pod'])
    if (!namespace || !pod) throw new QueryError('namespace and pod must be given')
    const { subject, node } = this.#parts
    const all = await this.#statuses()
    const containers = all.filter(({ ref }) => ref.namespace === namespace && ref.pod === pod)
    // By name, not by the uid of one of the logs: that may be a predecessor's.
    const ref = { namespace, pod, container: '', uid: undefined, restartCount: undefined, containerID: undefined }
    const [record, ignored] = [subject.find(ref), subject.ignoredHints(ref)]
    const isOfAnother = (status: ContainerStatus) => record !== undefined && subject.find(status.ref) !== record
    const ofOthers = new Set(containers.filter(isOfAnother))
    const { heedsAnnotations, sinkTrouble } = subject
    // What is wrong on the node matters to a pod that the agent does not know.
    const warnings = record === undefined ? subject.warnings : []
    const absent = subject.absentLogs(namespace, pod)
    const about = { node, namespace, pod, record, containers, ofOthers }
    const findings = { ...about, ignored, heedsAnnotations, sinkTrouble, warnings, absent }
    return { node, ...explain(findings), containers: containers.map(flat) }
  }

  #tail(query: URLSearchParams, response: ServerResponse): PlainResponse | undefined {
    const { feed, subject, clock, log } = this.#parts
    const filter = parseTailFilter(query)
    if (feed.readerCount >= MOST_READERS)
      return { status: 503, body: { error: `${MOST_READERS} readers are here already` } }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    const about = { find: subject.find.bind(subject), readerCount: () => feed.readerCount, clock }
    const reader = new TailReader(filter, response, about)
    const tending = setInterval(() => reader.tend(), TEND_MS)
    feed.add(reader, (error) => {
      log.warn('a follower is cut off: its filter failed', { error })
      response.destroy()
    })
    response.on('close', () => {
      clearInterval(tending)
      feed.remove(reader)
    })
    return undefined
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

function flat({ ref, ...status }: ContainerStatus) {
  return { ...ref, ...status }
}

function send(response: ServerResponse, { status, body }: PlainResponse): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
