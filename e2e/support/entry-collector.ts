import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Takes the entries that agents in the cluster post to this machine, whatever they are, and acks each request. */
export class EntryCollector {
  readonly url: string
  readonly #server: Server

  /** Listens on that address of this machine alone; `onEntry` is called with the JSON of each entry, in order. */
  static async start(host: string, onEntry: (json: string) => void): Promise<EntryCollector> {
    const server = createServer(async (request, response) => {
      // It cannot be read to its end when the agent is killed in the middle of its request.
      const body = await text(request).catch(() => undefined)
      if (body === undefined) return void response.destroy()
      for (const line of body.split('\n')) if (line !== '') onEntry(line)
      response.writeHead(204).end()
    })
    server.listen(0, host)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return new EntryCollector(server, `http://${host}:${port}/entries`)
  }

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
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
