import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Takes the entries that agents in the cluster post to this machine, whatever they are, and acks each request. */
export class EntryCollector {
  /** Requests that were taken. */
  requests = 0
  readonly #host: string
  readonly #onEntry: (json: string) => void
  #server: Server | undefined
  #port = 0

  /** Listens on that address of this machine alone; `onEntry` is called with the JSON of each entry, in order. */
  static async start(host: string, onEntry: (json: string) => void): Promise<EntryCollector> {
    const collector = new EntryCollector(host, onEntry)
    await collector.resume()
    return collector
  }

  private constructor(host: string, onEntry: (json: string) => void) {
    this.#host = host
    this.#onEntry = onEntry
  }

  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host
    return `http://${host}:${this.#port}/entries`
  }

  /** Listens again after `stop`, on the port that it had. */
  async resume(): Promise<void> {
    const server = createServer(async (request, response) => {
      // It cannot be read to its end when the agent is killed in the middle of its request.
      const body = await text(request).catch(() => undefined)
      if (body === undefined) return void response.destroy()
      this.requests += 1
      for (const line of body.split('\n')) if (line !== '') this.#onEntry(line)
      response.writeHead(204).end()
    })
    server.listen(this.#port, this.#host)
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Cuts all connections and refuses new ones. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}

/** The address of this machine from which it would send to that one, where that one can answer as a rule. Sends nothing. */
export async function addressTowards(peer: string): Promise<string> {
  const socket = createSocket(peer.includes(':') ? 'udp6' : 'udp4')
  socket.connect(9, peer) // any port: it only makes the kernel choose a route
  await once(socket, 'connect')
  const { address } = socket.address()
  socket.close()
  return address
}
