import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadPage } from '../../src/api/page.ts'
import { parseSelector } from '../../src/kube/selector.ts'
import { globs } from '../../src/lib/glob.ts'
import type { Container } from '../../src/page/status-answer.ts'
import type { TestEntry } from './samples.ts'

interface Reader {
  readonly response: ServerResponse
  matches(entry: TestEntry): boolean
}

/** Serves the page, and of the agent's API what the page asks, from what a test tells it. */
export class FakeAgent {
  containers: readonly Container[] = []
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
    const body = { node: 'node-1', version: '0.1.0', time: new Date().toISOString(), containers: this.containers }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #tail(query: URLSearchParams, response: ServerResponse): void {
    const [labels, fault] = selector(query, 'labels')
    const [annotations, other] = selector(query, 'annotations')
    if (fault || other) {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: fault ?? other }))
      return
    }
    const names = (['namespace', 'pod', 'container'] as const).map((name) => {
      const isMatch = globs([query.get(name) ?? '*'])
      return ({ kubernetes }: TestEntry) => isMatch(kubernetes[name])
    })
    const grep = query.get('grep') ?? ''
    const matches = (entry: TestEntry) =>
      labels?.matches(entry.kubernetes.labels) === true &&
      annotations?.matches(entry.kubernetes.annotations) === true &&
      names.every((isMatch) => isMatch(entry)) &&
      entry.log.includes(grep)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': loggy\n\n')
    const reader = { response, matches }
    this.#readers.add(reader)
    response.on('close', () => this.#readers.delete(reader))
  }
}

function selector(query: URLSearchParams, name: 'labels' | 'annotations') {
  const values = name === 'labels' ? 'label' : 'annotation'
  try {
    return [parseSelector(query.get(name) ?? '', { values }), undefined] as const
  } catch (error) {
    return [undefined, `${name}: ${(error as Error).message}`] as const
  }
}
