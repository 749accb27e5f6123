import { closeSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import type { ContainerInstance } from '../../src/simulation/container-instance.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import type { ContainerRuntime } from '../../src/simulation/log-record.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { deployment } from '../../src/simulation/pod-owner.ts'
import { Random } from '../../src/simulation/random.ts'
import { AgentUnderTest } from '../support/agent-under-test.ts'
import { imageOf, ownProgram } from './image.ts'

const NAMESPACE = 'shop'
/** From this many containers on two share a pod. */
const LONE_CONTAINERS = 100

/** How an agent is run on a node. */
export interface AgentRun {
  /** Descriptor of its standard output; ours is closed once the agent has it. */
  readonly stdout: number
  readonly cpus?: string | undefined
  /** Another bundle than this checkout's. */
  readonly program?: string | undefined
  /** Merged over what makes the agent read this node. */
  readonly config?: object
}

/** A node with its API server in a temporary folder, and agents from the bundle that each know nothing yet. */
export class BenchNode {
  readonly root: string
  readonly kubeconfig: string
  readonly #api: FakeApiServer
  readonly #kubelet: Kubelet
  readonly #agents: AgentUnderTest[] = []
  /** Of this process, before the node is closed: on Ctrl-C. */
  readonly #onExit = () => {
    for (const agent of this.#agents) void agent.kill()
    rmSync(this.root, { recursive: true, force: true })
  }

  private constructor(root: string, api: FakeApiServer, runtime: ContainerRuntime) {
    this.root = root
    this.kubeconfig = join(root, 'kubeconfig')
    this.#api = api
    this.#kubelet = new Kubelet(root, api, { runtime })
    // For other agents, which look for their own.
    api.upsert({ kind: 'Node', metadata: { name: this.#kubelet.nodeName } })
    api.upsert({ kind: 'Namespace', metadata: { name: NAMESPACE } })
    writeFileSync(this.kubeconfig, api.kubeconfig)
    process.once('exit', this.#onExit)
  }

  static async start(runtime: ContainerRuntime = 'containerd'): Promise<BenchNode> {
    const api = await FakeApiServer.start()
    return new BenchNode(mkdtempSync(join(tmpdir(), 'loggy-bench-')), api, runtime)
  }

  get nodeName(): string {
    return this.#kubelet.nodeName
  }

  /** Of links to logs, as the kubelet keeps it. */
  get logDirectory(): string {
    return this.#kubelet.logDirectory
  }

  /** Containers with empty logs, whose entries will carry about 900 bytes of metadata. */
  startContainers(count: number): ContainerInstance[] {
    const perPod = count < LONE_CONTAINERS ? 1 : 2
    const random = new Random(1)
    return Array.from({ length: Math.ceil(count / perPod) }, () => {
      const pod = this.#kubelet.startPod(podSpec(random, perPod))
      return pod.spec.containers.map(({ name }) => pod.container(name))
    }).flat()
  }

  /** An agent that may not have started yet. */
  spawnAgent({ stdout, cpus, config, program = ownProgram }: AgentRun): AgentUnderTest {
    const state = join(this.root, `state-${this.#agents.length}`)
    const configPath = join(this.root, 'loggy.yaml')
    mkdirSync(state)
    const own = {
      source: { directory: this.#kubelet.logDirectory },
      state: { directory: state },
      kubernetes: { nodeName: this.#kubelet.nodeName, kubeconfig: this.kubeconfig },
    }
    writeFileSync(configPath, JSON.stringify({ ...own, ...config }))
    const agent = AgentUnderTest.spawn({ configPath, program, ...imageOf(program), stdout, cpus })
    closeSync(stdout)
    this.#agents.push(agent)
    return agent
  }

  /** Leaves nothing behind; what its agents read must go somewhere, or they cannot end. */
  async close(): Promise<void> {
    for (const agent of this.#agents) await agent.stop()
    this.#kubelet.close()
    await this.#api.close()
    rmSync(this.root, { recursive: true, force: true })
    process.off('exit', this.#onExit)
  }
}

function podSpec(random: Random, containerCount: number): PodSpec {
  const app = `orders-${random.nameSuffix(4)}`
  const { name, labels, owner } = deployment(random, app)()
  return {
    namespace: NAMESPACE,
    name,
    owner,
    labels: {
      ...labels,
      app,
      'app.kubernetes.io/name': app,
      'app.kubernetes.io/part-of': 'shop',
      'app.kubernetes.io/version': '1.42.7',
      tier: 'backend',
    },
    annotations: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9090',
      'checksum/config': random.hex(64),
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true',
      'kubectl.kubernetes.io/restartedAt': '2026-11-22T07:00:00Z',
      team: 'payments',
      contact: 'payments-oncall@example.com',
    },
    containers: Array.from({ length: containerCount }, (_, index) => ({
      name: `app-${index}`,
      image: 'registry.example.com/shop/orders:1.42.7',
    })),
  }
}
