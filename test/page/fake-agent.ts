import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadPage } from '../../src/api/page.ts'
import { QueryError } from '../../src/api/query.ts'
import { parseTailFilter, type TailFilter } from '../../src/api/tail-filter.ts'
import type { SinkStatus } from '../../src/model/sink-status.ts'
import type { Container } from '../../src/page/status-answer.ts'
import type { TestEntry } from './samples.ts'

interface Reader {
  readonly response: ServerResponse
  matches(entry: TestEntry): boolean
}

/** Serves the page, and of the agent's API what the page asks, from what a test tells it. */
export class FakeAgent {
  containers: readonly Container[] = []
  warnings: readonly string[] = []
  sinks: readonly SinkStatus[] = []
  readonly #page = loadPage()
  readonly #readers = new Set<Reader>()
  readonly #server = createServer((request, response) => this.#answer(request, response))

  static async start(port = 0): Promise<FakeAgent> {
    const agent = new FakeAgent()
    await new Promise<void>((resolve) => agent.#server.listen(port, '127.0.0.1', resolve))
    return agent
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  get readerCount(): number {
    return this.#readers.size
  }

  /** Sends them to whoever's filter they match. */
  write(...entries: readonly TestEntry[]): void {
    for (const { response, matches } of this.#readers) {
      const events = entries.filter(matches).map((entry) => `data: ${JSON.stringify(entry)}\n\n`)
      if (events.length > 0) response.write(events.join(''))
    }
  }

  /** Sends events as they are to all readers; false while one of them has not taken what it was sent before. */
  send(events: string | Buffer): boolean {
    let isTaken = true
    for (const { response } of this.#readers) isTaken = response.write(events) && isTaken
    return isTaken
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, this.url)
    if (pathname === '/') {
      const { body, contentSecurityPolicy } = this.#page
      const type = 'text/html; charset=utf-8'
      response.writeHead(200, { 'content-type': type, 'content-security-policy': contentSecurityPolicy }).end(body)
    } else if (pathname === '/api/containers') this.#sendContainers(response)
    else if (pathname === '/api/tail') this.#tail(searchParams, response)
    else response.writeHead(404).end()
  }

  #sendContainers(response: ServerResponse): void {
    const { containers, warnings, sinks } = this
    const body = { node: 'node-1', version: '0.1.0', time: new Date().toISOString(), warnings, sinks, containers }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #tail(query: URLSearchParams, response: ServerResponse): void {
    const filter = filterOf(query)
    if (filter instanceof QueryError) {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: filter.message }))
      return
    }
    const matches = (entry: TestEntry) => {
      const { kubernetes } = entry
      const isMatch = filter.matchesEntry ?? (() => true)
      return (
        filter.matchesContainer(kubernetes, { ...kubernetes, owner: undefined }) &&
        isMatch(Buffer.from(JSON.stringify(entry)))
      )
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': loggy\n\n')
    const reader = { response, matches }
    this.#readers.add(reader)
    response.on('close', () => this.#readers.delete(reader))
  }
}

/** The agent's own filter, or what it finds at fault. */
function filterOf(query: URLSearchParams): TailFilter | QueryError {
  try {
    return parseTailFilter(query)
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
}
