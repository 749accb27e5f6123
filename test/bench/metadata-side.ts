import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiObject } from '../../src/simulation/api-objects.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { waitUntil } from '../support/wait-until.ts'
import { imageOf, ownProgram } from './image.ts'
import type { MetadataQuestion, MetadataUsage } from './metadata-agent.ts'

export interface MetadataSideOptions {
  /** A directory for the kubeconfig. */
  readonly root: string
  /** Looks at the event loop each millisecond, which itself costs time. */
  readonly measuresStalls: boolean
}

/** What the process used between two looks. */
export interface MetadataCost {
  readonly cpuMs: number
  readonly longestStallMs: number
  readonly changes: number
}

/** The agent's metadata side in a process of its own, and an API server in this one. */
export class MetadataSide {
  readonly server: FakeApiServer
  readonly #child: ChildProcess

  private constructor(server: FakeApiServer, child: ChildProcess) {
    this.server = server
    this.#child = child
  }

  /** Resolves when the process is ready; it asks for nothing before `follow`. */
  static async start(objects: readonly ApiObject[], options: MetadataSideOptions): Promise<MetadataSide> {
    const server = await FakeApiServer.start()
    for (const object of objects) server.upsert(object)
    const kubeconfig = join(options.root, 'kubeconfig')
    writeFileSync(kubeconfig, server.kubeconfig)
    const child = fork(
      join(import.meta.dirname, 'metadata-agent.ts'),
      [kubeconfig, ...(options.measuresStalls ? ['--stalls'] : [])],
      { execArgv: ['--expose-gc', ...imageOf(ownProgram).nodeFlags] },
    )
    await once(child, 'message')
    return new MetadataSide(server, child)
  }

  async usage(question: MetadataQuestion = { collect: false }): Promise<MetadataUsage> {
    const answered = once(this.#child, 'message')
    this.#child.send(question)
    return (await answered)[0] as MetadataUsage
  }

  /** What happens in the process until `action` has resolved. */
  async cost(action: () => Promise<void>): Promise<MetadataCost> {
    const before = await this.usage()
    await action()
    const after = await this.usage()
    const [cpuMs, changes] = [after.cpuMs - before.cpuMs, after.changes - before.changes]
    return { cpuMs, changes, longestStallMs: after.longestStallMs }
  }

  /** Resolves when the watch after the first list is open; the first call of `cost` starts it. */
  follow(): Promise<void> {
    return this.#watchAfter(1)
  }

  /** What an API server's restart leads to: the watch is cut, its version expired, all is listed anew. */
  async relist(): Promise<void> {
    const lists = this.server.count('list', 'pods')
    this.server.expireHistory()
    this.server.endWatches()
    await this.#watchAfter(lists + 1)
  }

  async end(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
    await this.server.close()
  }

  async #watchAfter(lists: number): Promise<void> {
    const isWatching = () =>
      this.server.count('list', 'pods') === lists &&
      this.server.requests.at(-1)?.verb === 'watch' &&
      this.server.openWatches('pods').length === 1
    await waitUntil('the pods are listed and watched', isWatching)
  }
}
