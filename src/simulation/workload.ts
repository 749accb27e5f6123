import type { Clock } from '../lib/clock.ts'
import type { Kubelet } from './kubelet.ts'
import {
  databaseVoice,
  jobVoice,
  longLine,
  proxyVoice,
  stackTrace,
  type Utterance,
  type Voice,
  webVoice,
} from './log-text.ts'
import type { PodSpec } from './pod-object.ts'
import { cronJob, deployment, type OwnedPod, statefulSet } from './pod-owner.ts'
import { Random } from './random.ts'
import type { SimulatedPod } from './simulated-pod.ts'
import { Timeline } from './timeline.ts'

/** Of one round of `live`. Short enough that lines seem to come one by one. */
const ROUND_MS = 25

/** Steps of the kubelet in milliseconds after the containers of a pod ended, as seen on a real node. */
const DELETION_MS = { files: 740, object: 3300, successor: 3500 } as const

/** A container ended and its successor writes at once; the link to it comes later. Seen on a real node. */
const LINK_DELAY_MS = 46

interface Speaker {
  readonly pod: SimulatedPod
  readonly container: string
  readonly voice: Voice
}

export interface WorkloadOptions {
  readonly linesPerSecond: number
  readonly seed?: number
  /** Told what happens on the node, in words for a person. */
  readonly onEvent?: (event: string) => void
}

/**
 * The life of a small shop on one node: a Deployment and a CronJob in namespace `shop`, a StatefulSet in `data`. They log,
 * and every few seconds something happens of what a log agent has to live with.
 */
export class Workload {
  readonly #kubelet: Kubelet
  readonly #random: Random
  readonly #linesPerSecond: number
  readonly #onEvent: (event: string) => void
  readonly #timeline = new Timeline()
  readonly #speakers = new Set<Speaker>()
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

  /** Lines written so far; a long line counts once, however many records it takes. */
  get lineCount(): number {
    return this.#lineCount
  }

  /** Does all that happens up to that many milliseconds since the start, and writes the lines that are due. */
  advance(elapsedMs: number): void {
    this.#timeline.advance(elapsedMs)
    const due = (elapsedMs / 1000) * this.#linesPerSecond
    const speakers = [...this.#speakers]
    while (this.#lineCount < due) {
      const { pod, container, voice } = this.#random.pick(speakers)
      this.#say(pod, container, voice(this.#random))
    }
  }

  /** Lets time pass until the signal aborts. */
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
    this.#speakers.add({ pod, container: 'app', voice: webVoice })
    this.#speakers.add({ pod, container: 'proxy', voice: proxyVoice })
    return pod
  }

  #startDatabase(): SimulatedPod {
    const pod = this.#kubelet.startPod({
      ...place('data', { owned: this.#databasePod(0), labels: { app: 'db', tier: 'storage' } }),
      annotations: { team: 'platform' },
      containers: [{ name: 'postgres', image: 'docker.io/library/postgres:18.1' }],
    })
    this.#speakers.add({ pod, container: 'postgres', voice: databaseVoice })
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
    this.#speakers.add({ pod, container: 'report', voice: jobVoice })
    this.#timeline.after(14_000, () => {
      this.#say(pod, 'report', { stream: 'stdout', lines: ['report: done ✔'] })
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
    this.#say(pod, 'app', { stream: 'stdout', lines: [line] })
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
    this.#say(pod, 'app', stackTrace(this.#random))
    pod.container('app').exit(1)
    const instance = pod.replaceInstance('app')
    instance.createLog()
    this.#say(pod, 'app', { stream: 'stdout', lines: [`web 1.4.2 starting, restart ${instance.restartCount}`] })
    this.#timeline.after(LINK_DELAY_MS, () => {
      instance.link()
      pod.collectGarbage()
      pod.reportStatus()
    })
  }

  #replaceDatabase(): void {
    const pod = this.#database
    this.#onEvent(`pod data/${pod.spec.name} is deleted; another takes its name, with a new uid`)
    this.#say(pod, 'postgres', { stream: 'stderr', lines: ['[1] LOG:  received fast shutdown request'] })
    pod.markDeleted()
    this.#end(pod)
    this.#timeline.after(DELETION_MS.successor, () => {
      this.#database = this.#startDatabase()
    })
  }

  /** The containers end at once; the files, and then the object, go as late as on a real node. */
  #end(pod: SimulatedPod): void {
    for (const speaker of this.#speakers) if (speaker.pod === pod) this.#speakers.delete(speaker)
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

  #say(pod: SimulatedPod, container: string, { stream, lines }: Utterance): void {
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
