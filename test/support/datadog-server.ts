import type { IncomingHttpHeaders } from 'node:http'
import type { TestContext } from 'node:test'
import { type Received, receive } from './receive.ts'

export interface DatadogLog {
  readonly timestamp?: number
  readonly message: string
  readonly [name: string]: unknown
}

export interface DatadogRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Unpacked. */
  readonly byteCount: number
  readonly logs: readonly DatadogLog[]
}

/** Datadog's intake for logs on loopback. It takes a request whole or not at all. Source: docs.datadoghq.com, api/latest/logs */
export class DatadogServer {
  readonly taken: DatadogRequest[] = []
  readonly refused: DatadogRequest[] = []
  /** The only one that is known. */
  apiKey = ''
  /** Undefined: as the documentation says. */
  answer: (request: DatadogRequest) => { readonly status: number; readonly body?: string } | undefined = () => undefined
  #url = ''

  static async start(t: TestContext): Promise<DatadogServer> {
    const server = new DatadogServer()
    server.#url = await receive(t, (received) => {
      const request = requestOf(received)
      const { status, body = '{}' } = server.answer(request) ?? server.#usual(request)
      const kept = status === 202 ? server.taken : server.refused
      kept.push(request)
      return { status, body }
    })
    return server
  }

  get url(): string {
    return this.#url
  }

  messages(): string[] {
    return this.taken.flatMap(({ logs }) => logs.map(({ message }) => message))
  }

  #usual({ headers, byteCount, logs }: DatadogRequest): { readonly status: number; readonly body?: string } {
    const errors = (status: number, title: string) => ({ status, body: JSON.stringify({ errors: [{ title }] }) })
    if (this.apiKey !== '' && headers['dd-api-key'] !== this.apiKey) return errors(403, 'Forbidden')
    return byteCount > 5_000_000 || logs.length > 1000 ? errors(413, 'Payload Too Large') : { status: 202 }
  }
}

function requestOf({ path, headers, body }: Received): DatadogRequest {
  return { path, headers, byteCount: body.length, logs: JSON.parse(body.toString()) }
}
