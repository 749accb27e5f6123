import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { waitUntil } from './wait-until.ts'

/** An entry as an agent sends it. */
export function entry(log: string, { time = '2026-11-22T07:00:00.5Z', ...names }: Record<string, string> = {}): string {
  const kubernetes = { namespace: 'shop', pod: 'web-1', container: 'app', ...names }
  return JSON.stringify({ time, stream: 'stdout', log, kubernetes })
}

/** The local HTTP API of an agent, answering what the test says. */
export class FakeAgent {
  /** Paths and queries asked so far. */
  readonly asked: string[] = []
  /** Of `/api/explain`. */
  answer: object = { node: 'n1', isCollected: true, sentences: ['Container app is collected.'], containers: [] }
  /** Instead of what was asked for. */
  failure: { readonly status: number; readonly error: string } | undefined
  /** It takes questions and never answers. */
  isSilent = false
  readonly #server: Server
  readonly #tails = new Set<ServerResponse>()

  private constructor() {
    this.#server = createServer(({ url = '', headers }, response) => {
      this.asked.push(url)
      if (this.isSilent) return
      const failure = headers.host?.startsWith('127.0.0.1:') ? this.failure : { status: 403, error: 'another host' }
      if (failure !== undefined) {
        response.statusCode = failure.status
        response.end(JSON.stringify({ error: failure.error }))
      } else if (url.startsWith('/api/explain?')) response.end(JSON.stringify(this.answer))
      else if (url.startsWith('/api/tail?')) this.#tail(response)
    })
  }

  static async start(t: TestContext): Promise<FakeAgent> {
    const agent = new FakeAgent()
    agent.#server.listen(0, '127.0.0.1')
    t.after(() => agent.#server.close())
    t.after(() => agent.#server.closeAllConnections())
    await once(agent.#server, 'listening')
    return agent
  }

  get port(): number {
    const address = this.#server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  get readerCount(): number {
    return this.#tails.size
  }

  /** Sends an entry to those who follow; waits for the first of them. */
  async say(text: string): Promise<void> {
    await waitUntil('someone follows', () => this.#tails.size > 0)
    for (const tail of this.#tails) tail.write(`data: ${text}\n\n`)
  }

  drop(entries: number): void {
    for (const tail of this.#tails) tail.write(`event: dropped\ndata: {"entries":${entries}}\n\n`)
  }

  /** Tells those who follow what it does with the containers that they ask for. */
  select(selection: object): void {
    for (const tail of this.#tails) tail.write(`event: selection\ndata: ${JSON.stringify(selection)}\n\n`)
  }

  /** Ends all connections, as an agent that is killed does. */
  cut(): void {
    this.#server.closeAllConnections()
    this.#tails.clear()
  }

  #tail(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': loggy\n\n')
    this.#tails.add(response)
    response.on('close', () => this.#tails.delete(response))
  }
}
