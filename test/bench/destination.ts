import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Where an agent's entries go, ready for one run. */
export interface Destination {
  /** For the agent's standard output. */
  readonly stdout: number
  /** What the agent's configuration says besides. */
  readonly config?: object
  /** To be called when the agent has ended. */
  close(): Promise<void>
}

async function toNull(): Promise<Destination> {
  return { stdout: openSync('/dev/null', 'w'), close: async () => {} }
}

export const destinations = {
  null: toNull,
  /** As `null`, but each line is looked at as a record; none is left out. */
  async records(): Promise<Destination> {
    return { ...(await toNull()), config: { parse: { json: true }, select: { minLevel: 'debug' } } }
  },
  /** As `null`, but no level is looked for. */
  async unlevelled(): Promise<Destination> {
    return { ...(await toNull()), config: { parse: { level: 'off' } } }
  },
  /** A pipe, as a container's standard output is one, that `cat` reads as fast as it can. */
  async pipe(root: string): Promise<Destination> {
    const { path, reader, writer } = openPipe(root)
    const cat: ChildProcess = spawn('cat', [path], { stdio: ['ignore', 'ignore', 'inherit'] })
    const ended = once(cat, 'exit')
    await once(cat, 'spawn')
    closeSync(reader)
    return {
      stdout: writer,
      async close() {
        await ended
        rmSync(path)
      },
    }
  },
  async file(root: string): Promise<Destination> {
    const path = join(root, 'entries.ndjson')
    return {
      stdout: openSync('/dev/null', 'w'),
      config: { sink: { type: 'file', path } },
      close: async () => rmSync(path, { force: true }),
    }
  },
} as const satisfies Readonly<Record<string, (root: string) => Promise<Destination>>>

export type DestinationName = keyof typeof destinations

/** A named pipe, both of whose ends are open, so that opening it again waits for nobody. */
export function openPipe(root: string): { readonly path: string; readonly reader: number; readonly writer: number } {
  const path = join(root, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { path, reader, writer: openSync(path, 'w') }
}
