import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** Makes a server listen on loopback, on a free port at first, and again on the same one after `down`. */
export class LoopbackPort {
  /** 0 before the first `up`. */
  number = 0
  readonly #server: Server | SecureServer

  constructor(server: Server | SecureServer) {
    this.#server = server
  }

  /** Rejects if the port cannot be had. */
  async up(): Promise<void> {
    this.#server.listen(this.number, '127.0.0.1')
    await once(this.#server, 'listening')
    this.number = (this.#server.address() as AddressInfo).port
  }

  /** Cuts all connections and refuses new ones. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.down()
  }
}
