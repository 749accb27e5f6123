import { once } from 'node:events'
import * as http from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

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
  readonly #sockets = new Set<Socket>()
  #server: http.Server | undefined
  #port = 0

  static async start(t: TestContext): Promise<ProxyServer> {
    const proxy = new ProxyServer()
    await proxy.up()
    t.after(() => proxy.down())
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** Of agents and destinations. */
  get connections(): number {
    return this.#sockets.size
  }

  /** Listens; after `down` on the same port again. */
  async up(): Promise<void> {
    const server = http.createServer((request, response) => this.#forward(request, response))
    server.on('connect', (request, socket: Socket) => this.#tunnel(request, socket))
    server.on('connection', (socket: Socket) => this.#keep(socket))
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Dies: all connections end. */
  async down(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
  }

  #judge(request: http.IncomingMessage) {
    const { method = '', url: target = '', headers } = request
    const one = { method, target, headers }
    this.requests.push(one)
    return this.refuse(one)
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const refusal = this.#judge(request)
    if (typeof refusal === 'string') return
    if (refusal !== undefined) return void response.writeHead(refusal).end('says the proxy')
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
    const refusal = this.#judge(request)
    if (refusal === 'silent') socket.write('HTTP/1.1 200 OK\r\n\r\n')
    if (typeof refusal === 'string') return void socket.on('end', () => socket.destroy()).resume()
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} Not Here\r\ncontent-length: 0\r\n\r\n`)
    const onward = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1')
    this.#keep(onward)
    onward.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  }
}
