import { setTimeout as sleep } from 'node:timers/promises'
import type { Kubelet } from '../../src/simulation/kubelet.ts'
import type { SimulatedPod } from '../../src/simulation/simulated-pod.ts'
import { ModelledRun } from './modelled-run.ts'
import type { RunParts } from './run-parts.ts'

export interface ModelledPodOptions extends RunParts {
  /** No two pods have the same, those of one name neither. */
  readonly number: number
  /** Of the pod that it replaces. */
  readonly name: string | undefined
  readonly containers: readonly string[]
}

/** A pod: its steps are those of the simulated one, and what they mean for the lines is kept beside. */
export class ModelledPod {
  readonly name: string
  readonly number: number
  /** What of each container runs now. */
  readonly runs: ModelledRun[]
  readonly startedMs = performance.now()
  /** Of its labels. */
  version = 0
  isGone = false
  readonly #kubelet: Kubelet
  readonly #options: ModelledPodOptions
  readonly #pod: SimulatedPod
  #ended: ModelledRun[] = []

  constructor(kubelet: Kubelet, options: ModelledPodOptions) {
    this.#kubelet = kubelet
    this.#options = options
    this.number = options.number
    this.name = options.name ?? `pod-${options.number}`
    this.#pod = kubelet.startPod({
      namespace: 'shop',
      name: this.name,
      labels: this.#labels,
      containers: options.containers.map((name) => ({ name, image: 'shop/app:1' })),
    })
    this.runs = options.containers.map((name) => this.#run(name))
  }

  changeLabels(): void {
    this.version += 1
    this.#pod.setMetadata({ labels: this.#labels })
  }

  /** The link comes after the first lines, and the files of the last but one run go. */
  async restart(run: ModelledRun, how: { readonly firstLines: number; readonly linkAfterMs: number }): Promise<void> {
    const name = run.origin.container
    await run.exit(1)
    const instance = this.#pod.replaceInstance(name)
    instance.createLog()
    const next = this.#run(name)
    for (let line = 0; line < how.firstLines; line += 1) next.write('stdout', 20)
    await sleep(how.linkAfterMs)
    instance.link()
    const old = this.#ended.filter(({ origin }) => origin.container === name)
    await this.#options.permit(old.flatMap(({ generations }) => generations))
    this.#pod.collectGarbage()
    for (const gone of old) gone.removed()
    this.#ended = [...this.#ended.filter((one) => !old.includes(one)), run]
    this.runs.splice(this.runs.indexOf(run), 1, next)
    this.#pod.reportStatus()
  }

  /** In the order seen on a real node: the file, then its link, and the API comes last. */
  async delete(): Promise<void> {
    this.isGone = true
    this.#pod.markDeleted()
    const all = [...this.#ended, ...this.runs]
    for (const run of this.runs) await run.exit()
    await this.#options.permit(all.flatMap(({ generations }) => generations))
    this.#pod.removeLogs()
    for (const run of all) run.removed()
    this.#pod.reportStatus()
    this.#pod.withdraw()
    this.#kubelet.forgetPod(this.#pod)
  }

  get #labels(): Readonly<Record<string, string>> {
    return { version: `${this.number}-${this.version}` }
  }

  #run(name: string): ModelledRun {
    const instance = this.#pod.container(name)
    const { uid } = this.#pod
    const { restartCount } = instance
    const origin = { uid, podNumber: this.number, podName: this.name, container: name, restartCount }
    return new ModelledRun(instance, origin, this.#options)
  }
}
