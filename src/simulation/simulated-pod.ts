import { rmSync } from 'node:fs'
import { ContainerInstance } from './container-instance.ts'
import { type PodPathNames, podLogDirectory } from './node-paths.ts'
import { currentDate, type NodeSettings } from './node-settings.ts'
import {
  type ContainerSpec,
  type ContainerStatus,
  containerStatus,
  type PodObject,
  type PodSpec,
  type PodState,
  podObject,
} from './pod-object.ts'

/** The instances of one container that still have files: earlier ones, oldest first, and the current one. */
interface ContainerRuns {
  readonly spec: ContainerSpec
  current: ContainerInstance
  ended: ContainerInstance[]
}

/**
 * A pod on the simulated node: its files and its API object. `start`, `restart` and `delete` do all steps in the order
 * seen on a real node. Each step is also a method, so that a test can act between two of them.
 */
export class SimulatedPod {
  /** The uid in the API. */
  readonly uid: string
  /** The uid in the log folder: the API's, or a static pod's config hash. */
  readonly logUid: string
  readonly podIP: string
  readonly #node: NodeSettings
  readonly #createdAt: Date
  readonly #containers: ReadonlyMap<string, ContainerRuns>
  #spec: PodSpec
  #phase: PodState['phase'] = 'Pending'
  #statuses: readonly ContainerStatus[] = []
  #deletedAt: Date | undefined

  constructor(node: NodeSettings, spec: PodSpec) {
    this.#node = node
    this.#spec = spec
    this.uid = node.random.uuid()
    this.logUid = spec.configHash ?? this.uid
    this.podIP = `10.0.0.${2 + node.random.below(250)}`
    this.#createdAt = currentDate(this.#node)
    this.#containers = new Map(
      spec.containers.map((container) => [
        container.name,
        { spec: container, current: this.#instance(container.name, 0), ended: [] },
      ]),
    )
  }

  get spec(): PodSpec {
    return this.#spec
  }

  /** The current API object. */
  get object(): PodObject {
    return podObject({
      spec: this.#spec,
      uid: this.uid,
      nodeName: this.#node.nodeName,
      podIP: this.podIP,
      createdAt: this.#createdAt,
      deletedAt: this.#deletedAt,
      phase: this.#phase,
      statuses: this.#statuses,
    })
  }

  /** The latest instance of a container; without a name, of the first one. Throws if the pod has no such container. */
  container(name?: string): ContainerInstance {
    return this.#runs(name).current
  }

  start(): void {
    this.publish()
    for (const { current } of this.#containers.values()) {
      current.createLog()
      current.link()
    }
    this.reportStatus()
  }

  /** Creates or updates the pod in the API; the first time it is still pending, without container ids. */
  publish(): void {
    this.#node.api.upsert(this.object)
  }

  /** Reports the containers' status to the API; on a real node about half a second after they started. */
  reportStatus(): void {
    this.#statuses = [...this.#containers.values()].map(({ spec, current, ended }) =>
      containerStatus(spec, current, { runtime: this.#node.runtime, previous: ended.at(-1) }),
    )
    this.#phase = this.#nextPhase()
    this.publish()
  }

  /** Replaces the labels, the annotations or both. */
  setMetadata(change: Pick<PodSpec, 'labels' | 'annotations'>): void {
    this.#spec = { ...this.#spec, ...change }
    this.publish()
  }

  /** Ends a container and starts it again; `firstLines` are written before the new link exists, as on a real node. */
  restart(name?: string, firstLines: (instance: ContainerInstance) => void = () => {}): ContainerInstance {
    this.container(name).exit(1)
    const instance = this.replaceInstance(name)
    instance.createLog()
    firstLines(instance)
    instance.link()
    this.collectGarbage()
    this.reportStatus()
    return instance
  }

  /** Replaces an ended instance by the next one, which has no file yet. */
  replaceInstance(name?: string): ContainerInstance {
    const runs = this.#runs(name)
    runs.ended.push(runs.current)
    runs.current = this.#instance(runs.spec.name, runs.current.restartCount + 1)
    return runs.current
  }

  /** Removes the files of ended instances, except the last one of each container. */
  collectGarbage(): void {
    for (const runs of this.#containers.values()) {
      for (const instance of runs.ended.splice(0, runs.ended.length - 1)) {
        instance.removeLog()
        instance.unlink()
      }
    }
  }

  delete(): void {
    this.markDeleted()
    this.exit()
    this.removeLogs()
    this.reportStatus()
    this.withdraw()
  }

  /** Marks the pod as deleted; its containers still run. */
  markDeleted(): void {
    this.#deletedAt = currentDate(this.#node)
    this.publish()
  }

  /** Ends all containers; their files are kept. */
  exit(exitCode = 0): void {
    for (const { current } of this.#containers.values()) current.exit(exitCode)
  }

  /** Removes each file and then its link, and the pod's folder; on a real node 0.7 s after the containers ended. */
  removeLogs(): void {
    for (const { current, ended } of this.#containers.values()) {
      for (const instance of [...ended, current]) {
        instance.removeLog()
        instance.unlink()
      }
    }
    rmSync(this.logDirectory, { recursive: true, force: true })
  }

  /** Removes the pod from the API; on a real node 2.5 s after its files are gone. */
  withdraw(): void {
    this.#node.api.delete(this.object)
  }

  get logDirectory(): string {
    return podLogDirectory(this.#node.root, this.#pathNames())
  }

  #nextPhase(): PodState['phase'] {
    const instances = [...this.#containers.values()].map(({ current }) => current)
    if (instances.some(({ isRunning }) => isRunning)) return 'Running'
    return instances.every(({ exitCode }) => exitCode === 0) ? 'Succeeded' : 'Failed'
  }

  #instance(name: string, restartCount: number): ContainerInstance {
    return new ContainerInstance(this.#node, this.#pathNames(), { name, restartCount })
  }

  #pathNames(): PodPathNames {
    return { namespace: this.#spec.namespace, name: this.#spec.name, logUid: this.logUid }
  }

  #runs(name: string | undefined): ContainerRuns {
    const key = name ?? this.#spec.containers[0]?.name ?? ''
    const runs = this.#containers.get(key)
    if (runs === undefined) throw new Error(`pod ${this.#spec.name} has no container ${JSON.stringify(key)}`)
    return runs
  }
}
