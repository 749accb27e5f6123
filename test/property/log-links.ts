import { createHash } from 'node:crypto'
import { rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerInstance } from '../../src/simulation/container-instance.ts'

/** Milliseconds that make one link newer than another: file systems count in ticks of 4 ms or 10 ms. */
const TICK_MS = 20

/** What one link says of the container that writes the log. */
export interface LinkNames {
  readonly containerID: string
  readonly restartCount: number
}

/** The links to one log: the kubelet's, and for a while others, as an old kubelet or a reboot leave them. */
export class LogLinks {
  /** Of all links that there were, the newest last. */
  readonly names: LinkNames[]
  readonly #instance: ContainerInstance
  /** Paths, the newest last. */
  #links: string[]
  readonly #detours: string[] = []

  constructor(instance: ContainerInstance) {
    const { id, restartCount, linkPath } = instance
    this.#instance = instance
    this.names = [{ containerID: id, restartCount }]
    this.#links = [linkPath]
  }

  get newest(): LinkNames {
    return this.names.at(-1) as LinkNames
  }

  /** Another container's link; `isByDetour`: to a path with a higher number of restarts, which leads to the log in its turn. */
  async add({ isByDetour }: { readonly isByDetour: boolean }): Promise<void> {
    const { id, linkPath, logPath } = this.#instance
    const containerID = createHash('sha256').update(`${id}/${this.names.length}`).digest('hex')
    const restartCount = this.newest.restartCount + (isByDetour ? 100 : 0)
    const target = join(dirname(logPath), `${restartCount}.log`)
    if (isByDetour) {
      symlinkSync(basename(logPath), target)
      this.#detours.push(target)
    }
    const link = linkPath.replace(id, containerID)
    await sleep(TICK_MS)
    this.names.push({ containerID, restartCount })
    this.#links.push(link)
    symlinkSync(target, link)
  }

  /** Leaves the newest. */
  dropOld(): void {
    for (const link of this.#links.splice(0, this.#links.length - 1)) rmSync(link, { force: true })
  }

  /** The kubelet removes what leads nowhere. */
  removeAll(): void {
    for (const path of [...this.#links, ...this.#detours]) rmSync(path, { force: true })
  }
}
