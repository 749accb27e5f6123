import * as http from 'node:http'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { RestartableServer } from './restartable-server.ts'

/** What a proxy was asked for. */
export interface ProxyRequest {
  readonly method: string
  /** `host:port` of CONNECT; a whole URL otherwise. */
  readonly target: string
  readonly headers: http.IncomingHttpHeaders
}

/** A forward proxy on loopback, for tunnels and for plain requests. All hosts are this machine. */
export class ProxyServer {
  readonly requests: ProxyRequest[] = []
  /** How a request is refused; undefined: not. `hang`: no answer. `silent`: a tunnel to nowhere. */
  refuse: (request: ProxyRequest) => number | 'hang' | 'silent' | undefined = () => undefined
  /** What a refusal of a plain request says. */
  words: (request: ProxyRequest) => string = () => 'says the proxy'
  readonly #server = new RestartableServer(() => {
    const server = http.createServer((request, response) => this.#forward(request, response))
    return server.on('connect', (request, socket: Socket) => this.#tunnel(request, socket))
  })

  static async start(t: TestContext): Promise<ProxyServer> {
    const proxy = new ProxyServer()
    await proxy.up()
    t.after(() => proxy.down())
    return proxy
  }

  get port(): number {
    return this.#server.port
  }

  /** Of agents and destinations. */
  get connections(): number {
    return this.#server.connections
  }

  up(): Promise<void> {
    return this.#server.start()
  }

  /** Dies: all connections end. */
  down(): Promise<void> {
    return this.#server.stop()
  }

  #judge({ method = '', url: target = '', headers }: http.IncomingMessage) {
    const request = { method, target, headers }
    this.requests.push(request)
    return { request, refusal: this.refuse(request) }
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { request: judged, refusal } = this.#judge(request)
    if (typeof refusal === 'string') return
    if (refusal !== undefined) return void response.writeHead(refusal).end(this.words(judged))
    const { pathname, search, port } = new URL(request.url ?? '')
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = { port, host: '127.0.0.1', path: pathname + search, method: String(request.method), headers }
    const sent = http.request(onward, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    sent.on('error', () => response.writeHead(502).end('no such destination'))
    request.pipe(sent)
  }

  #tunnel(request: http.IncomingMessage, socket: Socket): void {
    const { refusal } = this.#judge(request)
    socket.on('error', () => {})
    if (refusal === 'silent') socket.write('HTTP/1.1 200 OK\r\n\r\n')
    if (typeof refusal === 'string') return void socket.on('end', () => socket.destroy()).resume()
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} Not Here\r\ncontent-length: 0\r\n\r\n`)
    const onward = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1')
    this.#server.keep(onward)
    onward.on('error', () => {})
    onward.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  }
}
