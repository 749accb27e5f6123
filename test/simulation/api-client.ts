import http from 'node:http'
import type { TestContext } from 'node:test'
import { FakeApiServer, type FakeApiServerOptions } from '../../src/simulation/api-server.ts'

/** What came back. */
export interface Answer {
  readonly code: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** A server that ends with the test. */
export async function listen(t: TestContext, options?: FakeApiServerOptions): Promise<FakeApiServer> {
  const server = await FakeApiServer.start(options)
  t.after(() => server.close())
  return server
}

/** Sends a GET, or a POST of `body`. `onText` sees what has arrived so far. The answer's code is undefined when the connection was cut. */
export async function ask(
  server: FakeApiServer,
  path: string,
  options: { token?: string; body?: string; onText?: (text: string) => void } = {},
): Promise<Answer> {
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }
  const headers = { ...authorization, 'user-agent': 'loggy' }
  const method = options.body === undefined ? 'GET' : 'POST'
  return await new Promise((resolve, reject) => {
    const request = http.request(server.url + path, { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
        options.onText?.(body)
      })
      response.on('error', () => resolve({ code: undefined, headers: response.headers, body }))
      response.on('end', () => resolve({ code: response.statusCode, headers: response.headers, body }))
    })
    request.on('error', reject)
    request.end(options.body)
  })
}
