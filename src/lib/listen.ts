import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from './clock.ts'
import { systemCode } from './errors.ts'
import { Trouble } from './trouble.ts'

/** Milliseconds before trying again to listen on an address that is in use. */
const RETRY_MS = 10_000

export interface ListenOptions {
  readonly port: number
  /** Default: all addresses, also on a machine without IPv6. */
  readonly host?: string
  /** Maximum number of connections; at the limit, a new one closes the oldest. */
  readonly mostConnections: number
  readonly clock: Clock
  /** Called when listening fails, which is retried, or accepting a connection fails; once per reason until listening works. */
  onFault(error: unknown): void
}

/** Listens until the signal aborts, then closes all connections. Never rejects. */
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
      // accept() may also fail later (EPERM, ENOBUFS, …). An `error` event without a listener would end the process.
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
 * Whether the client sent this request before the previous one on the connection was answered. None of our clients do. 64 KiB can hold two
 * thousand requests, and all answers would be in memory until the client reads them. So such a connection is closed.
 */
export function isPipelined(response: ServerResponse): boolean {
  return response.socket === null
}

/** Closes the oldest, not the newest: otherwise idle connections could block the kubelet's probes, and the kubelet would kill the agent. */
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
