import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { FakeApiServer } from './api-server.ts'
import { freePort } from './free-port.ts'
import { Kubelet } from './kubelet.ts'
import { Workload } from './workload.ts'

/** Default of `api.port`. */
const USUAL_PORT = 9181

export interface DemoNodeOptions {
  readonly clock: Clock
  readonly seed: number
  readonly linesPerSecond: number
  /** Called with a short description of what happens on the node. */
  readonly onEvent: (event: string) => void
}

/** A simulated node in a temporary folder, with an API server on the loopback interface, for an agent to run on. */
export class DemoNode {
  /** A configuration file with which an agent reads this node, and nothing else on this machine. */
  readonly configPath: string
  /** URL of that agent's live page. */
  readonly pageUrl: string
  readonly #root: string
  readonly #clock: Clock
  readonly #api: FakeApiServer
  readonly #kubelet: Kubelet
  readonly #workload: Workload

  private constructor(root: string, { api, port }: { api: FakeApiServer; port: number }, options: DemoNodeOptions) {
    const { clock, seed, linesPerSecond, onEvent } = options
    this.pageUrl = `http://localhost:${port}`
    this.#root = root
    this.#clock = clock
    this.#api = api
    this.configPath = join(root, 'loggy.yaml')
    this.#kubelet = new Kubelet(root, api, { clock, seed })
    this.#workload = new Workload(this.#kubelet, { linesPerSecond, seed, onEvent })
  }

  static async start(options: DemoNodeOptions): Promise<DemoNode> {
    const root = await mkdtemp(join(tmpdir(), 'loggy-demo-'))
    const api = await FakeApiServer.start()
    const port = await freePort(USUAL_PORT) // the default may be in use by another agent on this machine
    const node = new DemoNode(root, { api, port }, options)
    await node.#writeConfig()
    return node
  }

  /** Runs the workload until the signal aborts. */
  async live(signal: AbortSignal): Promise<void> {
    await this.#workload.live(this.#clock, signal)
  }

  /** Removes everything; the agent must have ended. */
  async close(): Promise<void> {
    this.#kubelet.close()
    await this.#api.close()
    await rm(this.#root, { recursive: true, force: true })
  }

  async #writeConfig(): Promise<void> {
    const stateDirectory = join(this.#root, 'state')
    const kubeconfig = join(this.#root, 'kubeconfig')
    await mkdir(stateDirectory)
    await writeFile(kubeconfig, this.#api.kubeconfig)
    const config = {
      source: { directory: this.#kubelet.logDirectory },
      state: { directory: stateDirectory },
      // In the file: inside a cluster, the pod's own service account would take precedence over the variable KUBECONFIG.
      kubernetes: { nodeName: this.#kubelet.nodeName, kubeconfig },
      metrics: { port: 0 },
      api: { port: Number(new URL(this.pageUrl).port) },
      // Short, so that nobody has to wait long.
      shutdown: { timeout: '5s' },
    }
    // JSON is YAML.
    await writeFile(this.configPath, JSON.stringify(config))
  }
}
