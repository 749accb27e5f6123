import { join } from 'node:path'
import { after, afterEach, before } from 'node:test'
import { AgentPod } from './agent-pod.ts'
import { chooseNode, hostnameOf, internalAddress } from './cluster.ts'
import { addressTowards, EntryCollector } from './entry-collector.ts'
import { EntryLog } from './entry-log.ts'
import { collectEvidence } from './evidence.ts'
import { type AgentOptions, Installation } from './installation.ts'
import { startKubectl } from './kubectl.ts'
import { NodeShell } from './node-shell.ts'
import { settings } from './settings.ts'

export interface SceneOptions {
  /** How entries come to the test: by `kubectl logs` of the agent, or by HTTP to this machine, which outlives any agent. */
  readonly by: 'kubectl logs' | 'http'
  /** Where the agent keeps its positions; by itself with its pod. */
  readonly state?: 'node' | 'pod'
  /** Whether the test has to do on the node itself. Kept state needs it anyway. */
  readonly hasShell?: boolean
  readonly options?: AgentOptions
  /** Of the agent's sink; by itself 1: with more entries may overtake each other, and their order could not be judged. */
  readonly maxInFlight?: number
  /** See `Variation`. */
  readonly rights?: string
  /** Takes the JSON of each entry that comes by HTTP, in place of `entries`, for what would not fit into memory. */
  readonly onEntry?: (json: string) => void
}

/** An agent on one node, a way to its entries, and all that makes a test of it. All pods of the test are to be on that node. */
export class Scene {
  readonly entries: EntryLog
  readonly node: string
  readonly installation: Installation
  readonly agent: AgentPod
  readonly collector: EntryCollector | undefined
  readonly #options: SceneOptions
  readonly #stop = new AbortController()
  #shell: NodeShell | undefined

  /** Makes what is on this machine only; `open` does the rest, so that what fails there can be cleared away. */
  static async plan(options: SceneOptions): Promise<Scene> {
    const node = await chooseNode()
    const entries = new EntryLog()
    const host = settings.host ?? (await addressTowards(internalAddress(node)))
    const onEntry = options.onEntry ?? ((json: string) => entries.take(json))
    const collector = options.by === 'http' ? await EntryCollector.start(host, onEntry) : undefined
    const { maxInFlight = 1 } = options
    const sink = collector && { sink: { type: 'http', url: collector.url, maxInFlight } }
    const installation = await Installation.create({
      hostname: hostnameOf(node),
      state: options.state ?? 'pod',
      options: { ...sink, ...options.options },
      ...(options.rights && { rights: options.rights }),
    })
    return new Scene({ node: node.metadata.name, options, installation, collector, entries })
  }

  private constructor(parts: {
    readonly node: string
    readonly options: SceneOptions
    readonly installation: Installation
    readonly collector: EntryCollector | undefined
    readonly entries: EntryLog
  }) {
    this.node = parts.node
    this.installation = parts.installation
    this.collector = parts.collector
    this.entries = parts.entries
    this.#options = parts.options
    this.agent = new AgentPod(parts.installation, () => this.shell)
  }

  get namespace(): string {
    return this.installation.namespace
  }

  get shell(): NodeShell {
    if (this.#shell === undefined) throw new Error('this scene has no shell on the node')
    return this.#shell
  }

  async open(): Promise<void> {
    const { by, state, hasShell = state === 'node' } = this.#options
    await this.installation.applyAgent()
    if (hasShell) this.#shell = await NodeShell.start(this.installation, this.node)
    if (by === 'http') return
    const { pod } = await this.agent.running()
    this.entries.follow(startKubectl(['logs', '--follow', pod, '--namespace', this.namespace], this.#stop.signal))
  }

  /** Leaves nothing on the cluster, nor here but evidence of a failure. */
  async close(hasFailed: boolean): Promise<void> {
    if (hasFailed) await collectEvidence(this.namespace, join(settings.artifacts, this.namespace))
    this.#stop.abort()
    if (this.#options.state === 'node') {
      await this.agent.remove()
      await this.#shell?.removeState(this.installation.stateFolder)
    }
    await this.installation.remove()
    await this.collector?.stop()
  }
}

/** Opens a scene before the tests of the suite in which it is called, and closes it after them. */
export function sceneOf(options: SceneOptions): () => Scene {
  let scene: Scene | undefined
  let isOpen = false
  let hasFailed = false
  before(async () => {
    scene = await Scene.plan(options)
    await scene.open()
    isOpen = true
  })
  afterEach((test) => {
    if ('passed' in test && !test.passed) hasFailed = true
  })
  after(async () => await scene?.close(hasFailed || !isOpen))
  return () => {
    if (scene === undefined) throw new Error('the scene opens with the first test')
    return scene
  }
}
