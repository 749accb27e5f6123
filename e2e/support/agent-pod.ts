import assert from 'node:assert/strict'
import type { Installation } from './installation.ts'
import { kubectlJson } from './kubectl.ts'
import type { NodeShell } from './node-shell.ts'
import { until } from './until.ts'

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly status: { readonly containerStatuses?: readonly ContainerStatus[] }
}

interface ContainerStatus {
  readonly ready: boolean
  readonly containerID?: string
  readonly state: { readonly running?: object }
}

/** The agent that runs at a time. */
interface Running {
  readonly pod: string
  readonly containerID: string
}

/** The pod of an agent that is on one node alone, and its ends. */
export class AgentPod {
  readonly #installation: Installation
  readonly #shell: () => NodeShell

  /** `shell` is on the agent's node; only `kill` needs it. */
  constructor(installation: Installation, shell: () => NodeShell) {
    this.#installation = installation
    this.#shell = shell
  }

  /** Deletes the pod, which may end in its own time; resolves when its successor runs. */
  async delete(): Promise<void> {
    await this.#replace(async ({ pod }) => {
      await this.#installation.kubectl('delete', 'pod', pod, '--wait=false')
      await this.#letGo(pod)
    })
  }

  /** Ends the process with SIGKILL; resolves when the next one runs in the same pod. */
  async kill(): Promise<void> {
    await this.#replace(({ containerID }) => this.#shell().kill(containerID))
  }

  /** Rolls the DaemonSet to that image; without one it is restarted as it is. Resolves when the new pod runs. */
  async roll(image: string | undefined): Promise<void> {
    const daemonSet = `daemonset/${this.#installation.daemonSet}`
    await this.#replace(async ({ pod }) => {
      if (image === undefined) await this.#installation.kubectl('rollout', 'restart', daemonSet)
      else await this.#installation.kubectl('set', 'image', daemonSet, `loggy=${image}`)
      await this.#letGo(pod)
    })
  }

  /** Deletes the DaemonSet; resolves when the agent has ended. */
  async remove(): Promise<void> {
    const options = ['--cascade=foreground', '--ignore-not-found', '--timeout=120s']
    await this.#installation.kubectl('delete', 'daemonset', this.#installation.daemonSet, ...options)
  }

  /** Waits for an agent, in another container than that one. */
  async running(other?: string): Promise<Running> {
    let running: Running | undefined
    await until('an agent runs', async () => {
      running = (await this.#pods()).map(asRunning).find((one) => one !== undefined && one.containerID !== other)
      return running !== undefined
    })
    assert.ok(running)
    return running
  }

  /** When the process of the agent that runs began, in milliseconds since 1970; exact to those 10 ms that the kernel counts in. */
  async startedMs(): Promise<number> {
    const read = "fs.readFileSync('/proc/1/stat', 'utf8').split(') ')[1].split(' ')[19] * 10"
    const print = `console.log(Date.now() - fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0] * 1000 + ${read})`
    const { pod } = await this.running()
    return Number(await this.#installation.kubectl('exec', pod, '--', 'node', '-e', print))
  }

  async #replace(end: (running: Running) => Promise<unknown>): Promise<void> {
    const before = await this.running()
    await end(before)
    await this.running(before.containerID)
  }

  /**
   * Waits for the end of the process in a pod that is being deleted, and deletes the object: a kubelet may take half a minute
   * more to let go of it, and rotates away what nobody could read meanwhile.
   */
  async #letGo(pod: string): Promise<void> {
    await until('the deleted agent ends', async () => {
      const old = (await this.#pods()).find(({ metadata }) => metadata.name === pod)
      return old?.status.containerStatuses?.[0]?.state.running === undefined
    })
    await this.#installation.kubectl('delete', 'pod', pod, '--ignore-not-found', '--force', '--grace-period=0')
  }

  async #pods(): Promise<Pod[]> {
    const selection = ['--namespace', this.#installation.namespace, '--selector', 'app.kubernetes.io/name=loggy']
    return (await kubectlJson<{ items: Pod[] }>('get', 'pods', ...selection)).items
  }
}

function asRunning({ metadata, status }: Pod): Running | undefined {
  const [container] = status.containerStatuses ?? []
  if (metadata.deletionTimestamp !== undefined || container?.ready !== true) return undefined
  return container.containerID === undefined ? undefined : { pod: metadata.name, containerID: container.containerID }
}
