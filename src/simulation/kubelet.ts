import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { ContainerRuntime } from './log-record.ts'
import type { NodeSettings, PodApi } from './node-settings.ts'
import type { PodSpec } from './pod-object.ts'
import { Random } from './random.ts'
import { SimulatedPod } from './simulated-pod.ts'

/** Options of a simulated node. */
export interface KubeletOptions {
  readonly nodeName?: string
  readonly runtime?: ContainerRuntime
  /** Including the active file; the kubelet's default is 5. */
  readonly maxLogFiles?: number
  /** The same seed and clock give the same names, ids and times. */
  readonly seed?: number
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * A node's kubelet and container runtime as a log agent sees them: real files and links under a root that takes the place of
 * `/var/log`, and pod objects in an API. Nothing happens by itself; each change is a call, and done when it returns.
 */
export class Kubelet {
  /** The directory that the agent reads. */
  readonly logDirectory: string
  readonly #settings: NodeSettings
  readonly #pods = new Set<SimulatedPod>()

  /** `root`: absolute path of an existing folder. */
  constructor(root: string, api: PodApi, options: KubeletOptions = {}) {
    const random = new Random(options.seed ?? 1)
    this.logDirectory = join(root, 'containers')
    mkdirSync(this.logDirectory, { recursive: true })
    this.#settings = {
      root,
      api,
      random,
      nodeName: options.nodeName ?? 'node-1',
      runtime: options.runtime ?? 'containerd',
      maxLogFiles: options.maxLogFiles ?? 5,
      now: nanosecondClock(options.clock ?? systemClock, random),
    }
  }

  get nodeName(): string {
    return this.#settings.nodeName
  }

  /** Pods that have files, in the order of their creation. */
  get pods(): readonly SimulatedPod[] {
    return [...this.#pods]
  }

  /** Creates a pod that has been scheduled here; nothing of it is visible yet. */
  createPod(spec: PodSpec): SimulatedPod {
    const pod = new SimulatedPod(this.#settings, spec)
    this.#pods.add(pod)
    return pod
  }

  startPod(spec: PodSpec): SimulatedPod {
    const pod = this.createPod(spec)
    pod.start()
    return pod
  }

  deletePod(pod: SimulatedPod): void {
    pod.delete()
    this.forgetPod(pod)
  }

  /** Call after the steps of a pod's deletion were done one by one. */
  forgetPod(pod: SimulatedPod): void {
    this.#pods.delete(pod)
  }

  /** Deletes a pod and starts one with the same name and a new uid. */
  replacePod(pod: SimulatedPod): SimulatedPod {
    this.deletePod(pod)
    return this.startPod(pod.spec)
  }

  /** Closes all files, which are kept. */
  close(): void {
    for (const pod of this.#pods) pod.exit()
  }
}

/** Adds random nanoseconds to a clock in milliseconds, since records need finer times. Each time is later than the one before. */
function nanosecondClock(clock: Pick<Clock, 'now'>, random: Random): () => bigint {
  let last = 0n
  return () => {
    const time = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(random.below(1_000_000))
    last = time > last ? time : last + 1000n
    return last
  }
}
