import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { isPipelined, listen } from '../lib/listen.ts'
import { shared } from '../lib/shared.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { ExplainedLines } from '../model/explained-line.ts'
import type { Log } from '../model/log.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { SinkStatus } from '../model/sink-status.ts'
import { TAIL_PREFERENCE } from '../model/tail-selection.ts'
import type { EntryFeed } from './entry-feed.ts'
import { explain } from './explanation.ts'
import { refusal } from './guard.ts'
import { lineSentences } from './line-sentences.ts'
import { type LivePage, loadPage } from './page.ts'
import { lineCountIn, parseQuery, QueryError } from './query.ts'
import { parseTailFilter } from './tail-filter.ts'
import { TailReader } from './tail-reader.ts'

/** Maximum number of readers: each costs a copy of the entries it is sent. */
const MOST_READERS = 16
/** Maximum number of connections; a browser opens up to six. */
const MOST_CONNECTIONS = 64
/** Milliseconds in which a request must arrive completely. */
const REQUEST_MS = 10_000
/** Milliseconds between two calls of each reader's `tend`. */
const TEND_MS = 1000

/** What the API needs from the agent. */
export interface ApiSubject {
  containers(): Promise<readonly ContainerStatus[]>
  find(ref: ContainerRef): PodRecord | undefined
  /** The `loggy.io/` annotations of the container's pod that are ignored, one sentence each. */
  ignoredHints(ref: ContainerRef): readonly string[]
  /** How its last lines are joined; see Overview. */
  explainLines(status: ContainerStatus, count: number): Promise<ExplainedLines | undefined>
  /** Names of the pod's containers that run without a log. */
  absentLogs(namespace: string, pod: string): readonly string[]
  /** What is wrong with the agent's settings for its node and its own pod, one sentence each. */
  readonly warnings: readonly string[]
  readonly usesAnnotations: boolean
  readonly sinks: readonly SinkStatus[]
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

/** The local API, on 127.0.0.1 only, for the live page, `loggy explain` and `loggy tail`. */
export class ApiServer {
  readonly #parts: ApiServerParts
  readonly #server: Server
  /** Shared between requests: each call checks every open file. */
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

  /** Serves until the signal aborts; if the port is in use, this is logged and retried. */
  run(port: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    const onFault = (error: unknown) => log.error('the local API cannot listen; retrying', { port, error })
    return listen(this.#server, signal, { port, host: '127.0.0.1', mostConnections: MOST_CONNECTIONS, clock, onFault })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reason = refusal(request)
    if (reason !== undefined) return send(response, { status: 403, body: { error: reason } })
    if (request.method !== 'GET') return send(response, { status: 405, body: { error: 'only GET is supported' } })
    try {
      const url = URL.parse(request.url ?? '/', 'http://localhost')
      if (url === null) throw new QueryError('invalid URL')
      const answer = await this.#answer(url, request, response)
      if (answer !== undefined) send(response, answer)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      send(response, { status: 400, body: { error: error.message } })
    }
  }

  /** Undefined if the response is a stream and stays open. */
  async #answer(
    { pathname, searchParams }: URL,
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<PlainResponse | undefined> {
    switch (pathname) {
      case '/':
        return this.#showPage(response)
      case '/api/containers':
        return { status: 200, body: await this.#containers() }
      case '/api/explain':
        return { status: 200, body: await this.#explain(searchParams) }
      case '/api/tail':
        return await this.#tail(searchParams, response, { prefers: headers.prefer })
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
      sinks: subject.sinks,
      containers: containers.map(flat),
    }
  }

  async #explain(query: URLSearchParams) {
    const { namespace, pod, lines } = parseQuery(query, ['namespace', 'pod', 'lines'])
    if (!namespace || !pod) throw new QueryError('namespace and pod are required')
    const { subject, node } = this.#parts
    const all = await this.#statuses()
    const containers = all.filter(({ ref }) => ref.namespace === namespace && ref.pod === pod)
    // Found by name, not by the uid in one of the logs: that may be the uid of an earlier pod.
    const ref = { namespace, pod, container: '', uid: undefined, restartCount: undefined, containerID: undefined }
    const [record, ignored] = [subject.find(ref), subject.ignoredHints(ref)]
    const isOfAnother = (status: ContainerStatus) => record !== undefined && subject.find(status.ref) !== record
    const ofOthers = new Set(containers.filter(isOfAnother))
    const { usesAnnotations, sinks } = subject
    // Warnings about the node are relevant only if the agent does not know the pod.
    const warnings = record === undefined ? subject.warnings : []
    const absent = subject.absentLogs(namespace, pod)
    const about = { node, namespace, pod, record, containers, ofOthers }
    const findings = { ...about, ignored, usesAnnotations, sinks, warnings, absent }
    const { isCollected, sentences } = explain(findings)
    const count = lines === undefined ? 0 : lineCountIn(lines)
    const own = containers.filter((container) => count > 0 && !ofOthers.has(container))
    const ofLines = await Promise.all(own.map((container) => this.#explainLines(container, count)))
    return { node, isCollected, sentences: [...sentences, ...ofLines.flat()], containers: containers.map(flat) }
  }

  async #explainLines(container: ContainerStatus, count: number): Promise<readonly string[]> {
    try {
      return lineSentences(container.ref, await this.#parts.subject.explainLines(container, count))
    } catch (error) {
      return [`The last lines of container ${container.ref.container} cannot be read: ${describeError(error)}.`]
    }
  }

  async #tail(
    query: URLSearchParams,
    response: ServerResponse,
    { prefers }: { readonly prefers: unknown },
  ): Promise<PlainResponse | undefined> {
    const { feed, subject, clock, log } = this.#parts
    const filter = parseTailFilter(query)
    if (feed.readerCount >= MOST_READERS)
      return { status: 503, body: { error: `${MOST_READERS} readers are connected already` } }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    const about = { find: subject.find.bind(subject), readerCount: () => feed.readerCount, clock }
    const reader = new TailReader(filter, response, about)
    const tending = setInterval(() => reader.tend(), TEND_MS)
    feed.add(reader, (error) => {
      log.warn('a live tail is disconnected: its filter failed', { error })
      response.destroy()
    })
    response.on('close', () => {
      clearInterval(tending)
      feed.remove(reader)
    })
    // Asked for by a header, since earlier agents refuse parameters that they do not know.
    if (prefers === TAIL_PREFERENCE) reader.describe(await this.#statuses())
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
