import type { NodeShell } from './node-shell.ts'
import { until } from './until.ts'

/** Counts the rotations of one log, by the times in the names of its rotated files, plain or compressed. */
export class RotationWatch {
  readonly #times = new Set<string>()
  readonly #look: () => Promise<string[]>

  constructor(shell: NodeShell, log: Parameters<NodeShell['logFiles']>[0]) {
    this.#look = () => shell.logFiles(log)
  }

  get seen(): number {
    return this.#times.size
  }

  /** Resolves when so many have been seen. */
  async reach(count: number): Promise<void> {
    await until(`rotation ${count}`, async () => {
      for (const name of await this.#look()) {
        const [, time] = /^\d+\.log\.(\d{8}-\d{6})(\.gz)?$/.exec(name) ?? []
        if (time !== undefined) this.#times.add(time)
      }
      return this.seen >= count
    })
  }
}
