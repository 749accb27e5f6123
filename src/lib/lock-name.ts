import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { systemCode } from './errors.ts'

/**
 * Takes a name that one process of this machine can have at a time; resolves with what gives it back, or undefined while another has it. It is an
 * abstract socket of Linux: no file is left behind, and it ends with the process, however that ends.
 */
export async function lockName(name: string): Promise<(() => void) | undefined> {
  const server = createServer((socket) => socket.destroy())
  try {
    // Such a name has 107 bytes at the most.
    server.listen(`\0loggy-${createHash('sha256').update(name).digest('hex')}`)
    await once(server, 'listening')
    server.unref()
    return () => server.close()
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') return undefined
    throw error
  }
}
