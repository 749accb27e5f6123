import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { ContainerRuntime } from './log-record.ts'
import type { NodeSettings, PodApi } from './node-settings.ts'
import type { PodSpec } from './pod-object.ts'
import { Random } from './random.ts'
import { SimulatedPod } from './simulated-pod.ts'

/** How a simulated node differs from the usual one. */
export interface KubeletOptions {
  readonly nodeName?: string
  readonly runtime?: ContainerRuntime
  /** The active file included; the kubelet's own default is 5. */
  readonly maxLogFiles?: number
  /** The same seed and clock give the same names, ids and times. */
  readonly seed?: number
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * A node's kubelet and container runtime as a log agent sees them: real files and links under a root that stands for
 * `/var/log`, and pod objects in an API. Nothing happens by itself; each change is a call, and done when the call returns.
 */
export class Kubelet {
  /** What the agent is told to watch. */
  readonly logDirectory: string
  readonly #settings: NodeSettings
  readonly #pods = new Set<SimulatedPod>()

  /** `root` is an absolute path of a folder that exists. */
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

  /** Pods with files, in the order in which they came. */
  get pods(): readonly SimulatedPod[] {
    return [...this.#pods]
  }

  /** A pod that has been scheduled here, before anything of it can be seen. */
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

  /** For a pod whose steps of deletion were taken one by one. */
  forgetPod(pod: SimulatedPod): void {
    this.#pods.delete(pod)
  }

  /** Deletes a pod and starts one of the same name: the uid is new. */
  replacePod(pod: SimulatedPod): SimulatedPod {
    this.deletePod(pod)
    return this.startPod(pod.spec)
  }

  /** Closes all files; they stay where they are. */
  close(): void {
    for (const pod of this.#pods) pod.exit()
  }
}

/** A millisecond clock is too coarse for records: a chance part of a millisecond is added, and time never stands still. */
function nanosecondClock(clock: Pick<Clock, 'now'>, random: Random): () => bigint {
  let last = 0n
  return () => {
    const time = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(random.below(1_000_000))
    last = time > last ? time : last + 1000n
    return last
  }
}
