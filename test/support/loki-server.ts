import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { decodePush, type LokiEntry, type LokiStream } from '../formats/loki/decode-push.ts'
import * as words from './loki-words.ts'

export interface LokiAnswer {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface LokiRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly streams: readonly LokiStream[]
}

/** An entry that is stored, with what tells its stream from others. */
export interface StoredEntry extends LokiEntry {
  readonly labels: LokiStream['labels']
  readonly tenant: string
}

/**
 * Loki's push API on loopback. It answers as a distributor (pkg/distributor/distributor.go, `PushWithResolver`) with one ingester (pkg/ingester/instance.go,
 * `Push`): what is not valid is left out and told in groups; of streams that are refused in the ingester, only the last one of a request is told of, and
 * nothing if the last one is stored.
 */
export class LokiServer {
  readonly stored: StoredEntry[] = []
  readonly requests: LokiRequest[] = []
  /** Why an entry is no valid one; see loki-words.ts. */
  validate: (labels: LokiStream['labels'], entry: LokiEntry) => string | undefined = () => undefined
  /** Why the ingester ignores an entry. */
  judge: (labels: LokiStream['labels'], entry: LokiEntry) => string | undefined = () => undefined
  /** Whether a new stream is one too many. */
  isFull: (labels: LokiStream['labels']) => boolean = () => false
  /** In the place of all that. */
  answer: (request: LokiRequest) => LokiAnswer | undefined = () => undefined
  #port = 0

  static async start(t: TestContext): Promise<LokiServer> {
    const loki = new LokiServer()
    const server = createServer(async (request, response) => {
      const packed = Buffer.concat(await request.toArray())
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed
      const pushed = { path: request.url ?? '', headers: request.headers, streams: decodePush(body) }
      loki.requests.push(pushed)
      const { status, body: text = '', headers = {} } = loki.answer(pushed) ?? loki.push(pushed)
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(text && `${text}\n`)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close().closeAllConnections())
    loki.#port = (server.address() as AddressInfo).port
    return loki
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Of what is stored, in the order of arrival. */
  lines(pod?: string): string[] {
    return this.stored.filter(({ own }) => pod === undefined || own.pod === pod).map(({ line }) => line)
  }

  /** Stores what may be stored, and says what became of it. */
  push({ headers, streams }: LokiRequest): LokiAnswer {
    const invalid: string[] = []
    let told: LokiAnswer | undefined
    for (const { labels, entries } of streams) {
      const valid = entries.filter((entry) => {
        const fault = this.validate(labels, entry)
        if (fault !== undefined) invalid.push(fault)
        return fault === undefined
      })
      if (valid.length === 0) continue
      if (this.isFull(labels)) {
        told = { status: 429, body: words.streamLimit(labels) }
        continue
      }
      const judged = valid.map((entry) => ({ entry, reason: this.judge(labels, entry) }))
      const ignored = judged.flatMap(({ entry, reason }) => (reason === undefined ? [] : [{ entry, reason }]))
      const tenant = String(headers['x-scope-orgid'] ?? 'fake')
      for (const { entry, reason } of judged) if (reason === undefined) this.#store({ ...entry, labels, tenant })
      told = ignored.length === 0 ? undefined : { status: 400, body: words.ignored(labels, ignored, valid.length) }
    }
    if (told !== undefined) return told
    return invalid.length === 0 ? { status: 204 } : { status: 400, body: words.grouped(invalid) }
  }

  /** Once: an entry with the time and the line of one that is there is no new one (pkg/chunkenc/unordered.go). */
  #store(entry: StoredEntry): void {
    const key = (one: StoredEntry) => JSON.stringify([one.tenant, one.labels, one.time, one.line])
    if (!this.stored.some((other) => other.time === entry.time && key(other) === key(entry))) this.stored.push(entry)
  }
}
