import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { Random } from '../../src/simulation/random.ts'
import { RestartableServer } from './restartable-server.ts'

/** What a collector does with a request, instead of taking it with 204. */
export type Reaction =
  | StatusReaction
  /** Takes the entries, and answers nothing until `release`. */
  | 'hold'
  /** Never answers. */
  | 'hang'
  /** Ends the connection while the request's body is coming. */
  | 'cut-request'
  /** Takes the entries, and ends the connection in the middle of a 200. */
  | 'cut-answer'
  /** Takes the entries, but answers before it reads them, which it does on `release`. */
  | 'answer-first'
  /** Answers 413 on the headers alone, and ends the connection. */
  | 'refuse-early'
  /** Takes the entries, and answers a 204 that has a body. */
  | 'break-rules'

/** An answer. */
export interface StatusReaction {
  readonly status: number
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string
}

/** How a request with that NDJSON and those headers is refused; undefined: not. */
export type Judge = (lines: string, headers: http.IncomingHttpHeaders) => StatusReaction | 'hang' | undefined

/** A request as it came. */
export interface CollectedRequest {
  readonly headers: http.IncomingHttpHeaders
  /** Of the client's certificate. */
  readonly clientName: string | undefined
  readonly socket: Socket
  /** As it was met: a status, or the reaction that gave none. */
  outcome: number | string | undefined
}

export interface CollectorOptions {
  /** Makes it HTTPS. */
  readonly tls?: https.ServerOptions
  /** Larger bodies, as they come, are refused with 413. */
  readonly maxBodyBytes?: number
  /** Called with the NDJSON of each request that is taken, in place of `received`, for what would not fit into memory. */
  readonly onEntries?: (lines: string) => void
  /** Called with the NDJSON of each request that came whole and is left without an answer. */
  readonly onUnanswered?: (lines: string) => void
}

/** An HTTP destination of NDJSON on loopback that fails as it is told. */
export class Collector {
  /** All requests, taken or not. */
  readonly requests: CollectedRequest[] = []
  /** What was taken, by request; as `received` in all. */
  readonly accepted: { readonly headers: http.IncomingHttpHeaders; readonly lines: readonly string[] }[] = []
  /** What those held that came whole, unpacked; only while nobody takes them by `onEntries`. */
  readonly bodies: string[] = []
  readonly #options: CollectorOptions
  readonly #next: Reaction[] = []
  readonly #held: (() => void)[] = []
  readonly #server: RestartableServer
  #always: (() => Reaction | undefined) | undefined
  #refusal: Judge = () => undefined

  constructor(options: CollectorOptions = {}) {
    this.#options = options
    const { tls } = options
    this.#server = new RestartableServer(() => {
      const server = tls === undefined ? http.createServer() : https.createServer(tls)
      return server.on('request', (request, response) => void this.#take(request, response))
    })
  }

  /** Listens; after a `stop` on the same port again. */
  start(): Promise<void> {
    return this.#server.start()
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#server.port}/entries`
  }

  /** The entries that were taken, each without its newline, in the order in which they were. */
  received(): readonly string[] {
    return this.accepted.flatMap(({ lines }) => lines)
  }

  /** How the next requests are met, one each. */
  failNext(...reactions: Reaction[]): void {
    this.#next.push(...reactions)
  }

  /** Meets that share of all requests so, from 0 to 1; the same seed gives the same sequence. 0 ends it. */
  failRate(rate: number, { seed, reaction }: { readonly seed: number; readonly reaction: Reaction }): void {
    const random = new Random(seed)
    this.#always = () => (random.next() < rate ? reaction : undefined)
  }

  /** Answers 503 to all entries of a request that has this text among them; undefined ends it. */
  refuse(text: string | undefined): void {
    this.refuseIf((lines) =>
      text !== undefined && lines.includes(text) ? { status: 503, body: 'not these' } : undefined,
    )
  }

  /** Answers so to a request whose NDJSON is refused by `judge`. */
  refuseIf(judge: Judge): void {
    this.#refusal = judge
  }

  /** Answers what was held, and holds nothing any more. */
  release(): void {
    for (const answer of this.#held.splice(0)) answer()
  }

  get heldCount(): number {
    return this.#held.length
  }

  /** Ends all connections, and listens no more. */
  stop(): Promise<void> {
    return this.#server.stop()
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { socket, headers } = request
    const record: CollectedRequest = { headers, clientName: clientName(socket), socket, outcome: undefined }
    this.requests.push(record)
    const reaction = this.#next.shift() ?? this.#always?.() ?? { status: 204 }
    record.outcome = typeof reaction === 'string' ? reaction : reaction.status
    if (reaction === 'refuse-early') {
      response.writeHead(413, { connection: 'close' }).end('too large', () => socket.destroy())
      return
    }
    if (reaction === 'answer-first') {
      response.writeHead(204).end()
      request.on('data', () => {}).pause()
      await new Promise<void>((resolve) => this.#held.push(resolve))
      request.removeAllListeners('data')
    }
    const body = await readBody(request, reaction)
    if (body === undefined || reaction === 'cut-request') return void socket.destroy()
    if (reaction === 'hang') return this.#options.onUnanswered?.(unpack(body, headers['content-encoding']))
    if (body.length > (this.#options.maxBodyBytes ?? Number.POSITIVE_INFINITY)) {
      record.outcome = 413
      return void response.writeHead(413).end('the body is too large')
    }
    const lines = unpack(body, headers['content-encoding'])
    if (this.#options.onEntries === undefined) this.bodies.push(lines)
    const refusal = this.#refusal(lines, headers)
    if (refusal === 'hang') return this.#options.onUnanswered?.(lines)
    if (refusal instanceof Object) {
      record.outcome = refusal.status
      return void response.writeHead(refusal.status, refusal.headers).end(refusal.body)
    }
    if (typeof reaction === 'string' || isAccepted(reaction.status)) this.#keep(lines, headers)
    if (reaction === 'answer-first') return
    if (reaction === 'break-rules') socket.write('HTTP/1.1 204 No Content\r\n\r\nand more')
    else if (reaction === 'hold') this.#held.push(() => response.writeHead(204).end())
    else if (reaction === 'cut-answer') {
      response.writeHead(200, { 'content-length': 100 }).write('half of the answ', () => socket.destroy())
    } else response.writeHead(reaction.status, reaction.headers).end(reaction.body)
  }

  #keep(lines: string, headers: http.IncomingHttpHeaders): void {
    if (!lines.endsWith('\n')) throw new Error(`a body that ends in the middle of a line: ${lines.slice(-80)}`)
    if (this.#options.onEntries !== undefined) this.#options.onEntries(lines)
    else this.accepted.push({ headers, lines: lines.slice(0, -1).split('\n') })
  }
}

/** Undefined when the connection ended first, or is to be cut. */
async function readBody(request: http.IncomingMessage, reaction: Reaction): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) {
      if (reaction === 'cut-request') return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    return undefined // the sender is gone
  }
}

function unpack(body: Buffer, encoding: string | undefined): string {
  if (encoding === 'gzip') return gunzipSync(body).toString('utf8')
  if (encoding === 'zstd') return zstdDecompressSync(body).toString('utf8')
  if (encoding === undefined) return body.toString('utf8')
  throw new Error(`unknown content-encoding ${encoding}`)
}

function clientName(socket: Socket): string | undefined {
  return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject?.CN ?? '') || undefined : undefined
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300
}
