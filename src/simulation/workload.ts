import type { Clock } from '../lib/clock.ts'
import type { Kubelet } from './kubelet.ts'
import {
  databaseLog,
  jobLog,
  type LogGenerator,
  type LogOutput,
  longLine,
  proxyLog,
  stackTrace,
  webLog,
} from './log-text.ts'
import type { PodSpec } from './pod-object.ts'
import { cronJob, deployment, type OwnedPod, statefulSet } from './pod-owner.ts'
import { Random } from './random.ts'
import type { SimulatedPod } from './simulated-pod.ts'
import { Timeline } from './timeline.ts'

/** Milliseconds of one round of `live`. Short, so that lines seem to appear one by one. */
const ROUND_MS = 25

/** Milliseconds from the end of a pod's containers to the kubelet's next steps, as seen on a real node. */
const DELETION_MS = { files: 740, object: 3300, successor: 3500 } as const

/** Milliseconds. A restarted container writes at once; its link is created later. Seen on a real node. */
const LINK_DELAY_MS = 46

interface Writer {
  readonly pod: SimulatedPod
  readonly container: string
  readonly nextOutput: LogGenerator
}

export interface WorkloadOptions {
  readonly linesPerSecond: number
  readonly seed?: number
  /** Called with a short description of what happens on the node. */
  readonly onEvent?: (event: string) => void
}

/**
 * The workload of a small shop on one node: a Deployment and a CronJob in namespace `shop`, a StatefulSet in `data`. They write logs, and
 * every few seconds there is an event that a log agent must handle, such as a rotation or a restart.
 */
export class Workload {
  readonly #kubelet: Kubelet
  readonly #random: Random
  readonly #linesPerSecond: number
  readonly #onEvent: (event: string) => void
  readonly #timeline = new Timeline()
  readonly #writers = new Set<Writer>()
  readonly #databasePod: (ordinal: number) => OwnedPod
  readonly #reportPod: (scheduledMinute: number) => OwnedPod
  readonly #web: readonly SimulatedPod[]
  #database: SimulatedPod
  #reportNumber = 0
  #lineCount = 0

  constructor(kubelet: Kubelet, options: WorkloadOptions) {
    this.#kubelet = kubelet
    this.#random = new Random(options.seed ?? 1)
    this.#linesPerSecond = options.linesPerSecond
    this.#onEvent = options.onEvent ?? (() => {})
    const webPod = deployment(this.#random, 'web')
    this.#databasePod = statefulSet(this.#random, 'db')
    this.#reportPod = cronJob(this.#random, 'report')
    this.#web = [this.#startWeb(webPod()), this.#startWeb(webPod())]
    this.#database = this.#startDatabase()
    this.#startReport()
    this.#plan()
  }

  /** Lines written so far; a long line counts once, even if it needs several records. */
  get lineCount(): number {
    return this.#lineCount
  }

  /** Runs all events up to that many milliseconds since the start, and writes the lines that are due. */
  advance(elapsedMs: number): void {
    this.#timeline.advance(elapsedMs)
    const due = (elapsedMs / 1000) * this.#linesPerSecond
    const writers = [...this.#writers]
    while (this.#lineCount < due) {
      const { pod, container, nextOutput } = this.#random.pick(writers)
      this.#write(pod, container, nextOutput(this.#random))
    }
  }

  /** Runs until the signal aborts. */
  async live(clock: Clock, signal: AbortSignal): Promise<void> {
    const start = clock.monotonic()
    while (!signal.aborted) {
      this.advance(clock.monotonic() - start)
      await clock.sleep(ROUND_MS, signal)
    }
  }

  #plan(): void {
    this.#timeline.every(9000, () => this.#writeLongLine(), { firstMs: 1000 })
    this.#timeline.every(8000, () => this.#rotate(this.#random.pick(this.#web), 'app'), { firstMs: 2000 })
    this.#timeline.every(8000, () => this.#rotate(this.#database, 'postgres'), { firstMs: 6000 })
    this.#timeline.every(12_000, () => this.#changeLabel(), { firstMs: 4000 })
    this.#timeline.every(20_000, () => this.#crash(this.#random.pick(this.#web)), { firstMs: 7000 })
    this.#timeline.every(24_000, () => this.#replaceDatabase(), { firstMs: 10_000 })
    this.#timeline.every(30_000, () => this.#startReport())
  }

  #startWeb(owned: OwnedPod): SimulatedPod {
    const pod = this.#kubelet.startPod({
      ...place('shop', { owned, labels: { app: 'web', tier: 'frontend', track: 'stable' } }),
      annotations: { team: 'payments', 'example.com/runbook': 'https://runbooks.example.com/web' },
      containers: [
        { name: 'app', image: 'registry.example.com/shop/web:1.4.2' },
        { name: 'proxy', image: 'registry.example.com/mesh/proxy:3.0.1' },
      ],
    })
    this.#writers.add({ pod, container: 'app', nextOutput: webLog })
    this.#writers.add({ pod, container: 'proxy', nextOutput: proxyLog })
    return pod
  }

  #startDatabase(): SimulatedPod {
    const pod = this.#kubelet.startPod({
      ...place('data', { owned: this.#databasePod(0), labels: { app: 'db', tier: 'storage' } }),
      annotations: { team: 'platform' },
      containers: [{ name: 'postgres', image: 'docker.io/library/postgres:18.1' }],
    })
    this.#writers.add({ pod, container: 'postgres', nextOutput: databaseLog })
    return pod
  }

  #startReport(): void {
    const scheduledMinute = 29_900_000 + this.#reportNumber++
    const pod = this.#kubelet.startPod({
      ...place('shop', { owned: this.#reportPod(scheduledMinute), labels: { app: 'report' } }),
      annotations: { team: 'finance' },
      containers: [{ name: 'report', image: 'registry.example.com/shop/report:0.9' }],
    })
    this.#onEvent(`job pod shop/${pod.spec.name} started`)
    this.#writers.add({ pod, container: 'report', nextOutput: jobLog })
    this.#timeline.after(14_000, () => {
      this.#write(pod, 'report', { stream: 'stdout', lines: ['report: done ✔'] })
      this.#onEvent(`job pod shop/${pod.spec.name} completed`)
      this.#end(pod)
    })
  }

  #writeLongLine(): void {
    const pod = this.#random.pick(this.#web)
    const line = longLine(this.#random)
    this.#onEvent(
      `${pod.spec.name} writes a line of ${Math.round(Buffer.byteLength(line) / 1024)} KiB, cut by the runtime`,
    )
    this.#write(pod, 'app', { stream: 'stdout', lines: [line] })
  }

  #rotate(pod: SimulatedPod, container: string): void {
    const instance = pod.container(container)
    if (!instance.isRunning) return
    this.#onEvent(`the kubelet rotates the log of ${pod.spec.namespace}/${pod.spec.name}/${container}`)
    instance.rotate()
  }

  #changeLabel(): void {
    const pod = this.#random.pick(this.#web)
    const track = pod.spec.labels?.track === 'stable' ? 'canary' : 'stable'
    this.#onEvent(`label track=${track} is set on shop/${pod.spec.name}`)
    pod.setMetadata({ labels: { ...pod.spec.labels, track } })
  }

  #crash(pod: SimulatedPod): void {
    this.#onEvent(`container app of shop/${pod.spec.name} crashes and is restarted`)
    this.#write(pod, 'app', stackTrace(this.#random))
    pod.container('app').exit(1)
    const instance = pod.replaceInstance('app')
    instance.createLog()
    this.#write(pod, 'app', { stream: 'stdout', lines: [`web 1.4.2 starting, restart ${instance.restartCount}`] })
    this.#timeline.after(LINK_DELAY_MS, () => {
      instance.link()
      pod.collectGarbage()
      pod.reportStatus()
    })
  }

  #replaceDatabase(): void {
    const pod = this.#database
    this.#onEvent(`pod data/${pod.spec.name} is deleted; another takes its name, with a new uid`)
    this.#write(pod, 'postgres', { stream: 'stderr', lines: ['[1] LOG:  received fast shutdown request'] })
    pod.markDeleted()
    this.#end(pod)
    this.#timeline.after(DELETION_MS.successor, () => {
      this.#database = this.#startDatabase()
    })
  }

  /** The containers end at once; the files, and then the object, are removed as late as on a real node. */
  #end(pod: SimulatedPod): void {
    for (const writer of this.#writers) if (writer.pod === pod) this.#writers.delete(writer)
    pod.exit()
    this.#timeline.after(DELETION_MS.files, () => {
      pod.removeLogs()
      pod.reportStatus()
    })
    this.#timeline.after(DELETION_MS.object, () => {
      pod.withdraw()
      this.#kubelet.forgetPod(pod)
    })
  }

  #write(pod: SimulatedPod, container: string, { stream, lines }: LogOutput): void {
    const instance = pod.container(container)
    for (const line of lines) instance.write(stream, line)
    this.#lineCount += lines.length
  }
}

function place(
  namespace: string,
  { owned, labels }: { readonly owned: OwnedPod; readonly labels: Readonly<Record<string, string>> },
): Omit<PodSpec, 'containers'> {
  return { namespace, name: owned.name, owner: owned.owner, labels: { ...labels, ...owned.labels } }
}
