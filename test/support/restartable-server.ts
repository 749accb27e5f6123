import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A server on loopback that can end, with all its connections, and come back on the same port. */
export class RestartableServer {
  port = 0
  readonly #make: () => Server
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  /** `make`: a new server, which does not listen yet. */
  constructor(make: () => Server) {
    this.#make = make
  }

  /** Open connections, and what else is kept. */
  get connections(): number {
    return this.#sockets.size
  }

  /** Listens; after a `stop` on the same port again. */
  async start(): Promise<void> {
    const server = this.#make()
    server.on('connection', (socket: Socket) => this.keep(socket))
    server.listen(this.port, '127.0.0.1')
    await once(server, 'listening')
    this.port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Ends with the server. */
  keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** Ends all connections, and listens no more. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
