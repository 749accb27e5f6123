import { once } from 'node:events'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { decodeOtlp, encodeOtlp, type OtlpRecord, type OtlpResource } from '../formats/otlp/decode-otlp.ts'

export interface OtlpAnswer {
  readonly status: number
  readonly type?: string
  readonly body?: Uint8Array | string
}

export interface OtlpRequest {
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly resources: readonly OtlpResource[]
}

/** A server for OTLP's logs on loopback, which answers as it is told. */
export class OtlpServer {
  /** Those that were answered with 200. */
  readonly taken: OtlpRequest[] = []
  readonly refused: OtlpRequest[] = []
  readonly port: number
  /** Undefined: success. */
  answer: (bodies: readonly unknown[]) => OtlpAnswer | undefined = () => undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(t: TestContext): Promise<OtlpServer> {
    const server = http.createServer((request, response) => void self.#take(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const self = new OtlpServer((server.address() as AddressInfo).port)
    return self
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** What was taken, with the attributes of its container. */
  records(): (OtlpRecord & { readonly resource: OtlpResource['resource'] })[] {
    const resources = this.taken.flatMap((request) => request.resources)
    return resources.flatMap(({ resource, records }) => records.map((record) => ({ ...record, resource })))
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { url: path = '', headers } = request
    const resources = decodeOtlp(unpack(Buffer.concat(chunks), headers['content-encoding']))
    const bodies = resources.flatMap(({ records }) => records.map(({ body }) => body))
    const answer: OtlpAnswer = this.answer(bodies) ?? {
      status: 200,
      body: encodeOtlp('ExportLogsServiceResponse', { partialSuccess: {} }),
    }
    const { status, type = 'application/x-protobuf', body = '' } = answer
    const kept = status === 200 ? this.taken : this.refused
    kept.push({ path, headers, resources })
    response.writeHead(status, { 'content-type': type }).end(body)
  }
}

function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(body)
  return encoding === 'zstd' ? zstdDecompressSync(body) : body
}
