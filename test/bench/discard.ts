import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A server in a process of its own that takes everything and keeps nothing. */
export class Discard {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#child = child
  }

  static async start(): Promise<Discard> {
    const child = fork(join(import.meta.dirname, 'discarding-server.ts'))
    const [{ port }] = await once(child, 'message')
    return new Discard(`http://127.0.0.1:${port}`, child)
  }

  /** That came so far, with headers. */
  async bytes(): Promise<number> {
    const answered = once(this.#child, 'message')
    this.#child.send('bytes')
    return (await answered)[0].bytes
  }

  async close(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
