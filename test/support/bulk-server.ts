import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'

/** A document as it was sent. */
export interface SentDocument {
  readonly index: string
  readonly id: string
  readonly source: { readonly message: string; readonly [name: string]: unknown }
}

/** What is said of an item that is not stored. */
export interface ItemFault {
  readonly status: number
  readonly type: string
  readonly reason: string
}

export interface BulkRequest {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly documents: readonly SentDocument[]
}

/** The bulk API of Elasticsearch on loopback, as far as `create` goes: it keeps documents by index and id. */
export class BulkServer {
  /** What is stored, by index and id. */
  readonly stored = new Map<string, SentDocument>()
  readonly requests: BulkRequest[] = []
  /** Why a document is not stored. */
  judge: (document: SentDocument) => ItemFault | undefined = () => undefined
  /** What stands in the place of the answer, which is the second argument; what was sent is stored all the same. */
  answer: (request: BulkRequest, answer: string) => { readonly status: number; readonly body: string } | undefined =
    () => undefined
  #port = 0

  static async start(t: TestContext): Promise<BulkServer> {
    const bulk = new BulkServer()
    const server = createServer(async (request, response) => {
      const packed = Buffer.concat(await request.toArray())
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed
      const sent = { url: request.url ?? '', headers: request.headers, documents: documentsIn(body.toString()) }
      bulk.requests.push(sent)
      const answer = JSON.stringify(bulk.#take(sent))
      const { status, body: text } = bulk.answer(sent, answer) ?? { status: 200, body: answer }
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close().closeAllConnections())
    bulk.#port = (server.address() as AddressInfo).port
    return bulk
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Of what is stored, in order. */
  messages(): string[] {
    return [...this.stored.values()].map(({ source }) => source.message)
  }

  #take({ documents }: BulkRequest) {
    const items = documents.map((document) => {
      const key = `${document.index} ${document.id}`
      const fault = this.judge(document)
      if (fault !== undefined) return { create: { status: fault.status, error: { ...fault, status: undefined } } }
      if (this.stored.has(key)) return { create: { status: 409, error: { type: 'version_conflict_engine_exception' } } }
      this.stored.set(key, document)
      return { create: { status: 201 } }
    })
    return { errors: items.some(({ create }) => create.status !== 201), items }
  }
}

function documentsIn(body: string): SentDocument[] {
  if (!body.endsWith('\n')) throw new Error('a body that does not end with a newline')
  const lines = body
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line))
  return lines.flatMap(({ create }, index) =>
    index % 2 === 0 ? [{ index: create._index, id: create._id, source: lines[index + 1] }] : [],
  )
}
