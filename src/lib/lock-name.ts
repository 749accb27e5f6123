import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { systemCode } from './errors.ts'

/**
 * Takes a lock that one process of this machine can have at a time. Resolves with a function that releases it, or undefined if another
 * process has it. The lock is an abstract Unix socket of Linux: it leaves no file behind and ends with the process, however that ends.
 */
export async function lockName(name: string): Promise<(() => void) | undefined> {
  const server = createServer((socket) => socket.destroy())
  try {
    // The name of an abstract socket can have 107 bytes.
    server.listen(`\0loggy-${createHash('sha256').update(name).digest('hex')}`)
    await once(server, 'listening')
    server.unref()
    return () => server.close()
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') return undefined
    throw error
  }
}
