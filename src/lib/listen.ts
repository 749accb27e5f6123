import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Clock } from './clock.ts'

/** Milliseconds until an address in use is tried again. */
const RETRY_MS = 10_000

export interface ListenOptions {
  readonly port: number
  /** All addresses unless told otherwise, also where there is no IPv6. */
  readonly host?: string
  readonly clock: Clock
  /** Told each time that it cannot listen; it is tried again. */
  onFault(error: unknown): void
}

/** Lets the server answer until the signal aborts; then its connections are cut. Never rejects. */
export async function listen(server: Server, signal: AbortSignal, options: ListenOptions): Promise<void> {
  const { port, host, clock, onFault } = options
  while (!signal.aborted) {
    try {
      server.listen({ port, ...(host !== undefined && { host }) })
      await once(server, 'listening')
      if (!signal.aborted) await once(signal, 'abort')
    } catch (error) {
      onFault(error)
      await clock.sleep(RETRY_MS, signal)
    }
  }
  server.closeAllConnections()
  server.close()
}
