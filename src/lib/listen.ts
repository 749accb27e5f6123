import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from './clock.ts'
import { systemCode } from './errors.ts'
import { Trouble } from './trouble.ts'

/** Milliseconds until an address in use is tried again. */
const RETRY_MS = 10_000

export interface ListenOptions {
  readonly port: number
  /** All addresses unless told otherwise, also where there is no IPv6. */
  readonly host?: string
  /** Connections at a time; beyond, the oldest is cut. */
  readonly mostConnections: number
  readonly clock: Clock
  /** Told why it cannot listen, which is tried again, or take a connection; once per reason until it listens. */
  onFault(error: unknown): void
}

/** Lets the server answer until the signal aborts; then its connections are cut. Never rejects. */
export async function listen(server: Server, signal: AbortSignal, options: ListenOptions): Promise<void> {
  const { port, host, mostConnections, clock } = options
  limitConnections(server, mostConnections)
  const trouble = new Trouble(clock)
  const onFault = (error: unknown) => {
    if (trouble.note(systemCode(error) ?? 'other')) options.onFault(error)
  }
  while (!signal.aborted) {
    try {
      server.listen({ port, ...(host !== undefined && { host }) })
      await once(server, 'listening')
      trouble.end()
      // accept() may fail later on (EPERM, ENOBUFS, …): an `error` that nobody listens to would end the process.
      server.on('error', onFault)
      if (!signal.aborted) await once(signal, 'abort')
    } catch (error) {
      onFault(error)
      await clock.sleep(RETRY_MS, signal)
    }
  }
  server.closeAllConnections()
  server.close()
}

/**
 * Whether the request came before the one ahead of it on its connection was answered. No client of ours does that, and 64 KiB hold two
 * thousand of them, whose answers would be made at once and kept until they are read: to be cut.
 */
export function isPipelined(response: ServerResponse): boolean {
  return response.socket === null
}

/** Refusing the newest instead would let whoever holds connections, silent or unread, keep out the kubelet's probes: it would kill the agent. */
function limitConnections(server: Server, most: number): void {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size <= most || oldest === undefined) return
    open.delete(oldest)
    oldest.destroy()
  })
}
