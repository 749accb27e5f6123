import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Installation } from './installation.ts'
import { kubectl, kubectlJson } from './kubectl.ts'
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
  readonly #namespace: string
  readonly #daemonSet: string
  readonly #killCommand: string | undefined

  /** `killCommand` is for a shell, in which `$1` is the namespace and `$2` the pod whose process is to be killed from outside. */
  constructor({ namespace, daemonSet }: Installation, killCommand: string | undefined) {
    this.#namespace = namespace
    this.#daemonSet = daemonSet
    this.#killCommand = killCommand
  }

  /**
   * Deletes the pod, which may end in its own time; resolves when its successor runs. The object goes as soon as the process has
   * ended: a kubelet may take half a minute more to let go of it, and rotates away what nobody could read meanwhile.
   */
  async delete(): Promise<void> {
    await this.#replace(async ({ pod }) => {
      await this.#kubectl('delete', 'pod', pod, '--wait=false')
      await until('the deleted agent ends', async () => {
        const old = (await this.#pods()).find(({ metadata }) => metadata.name === pod)
        return old?.status.containerStatuses?.[0]?.state.running === undefined
      })
      await this.#kubectl('delete', 'pod', pod, '--ignore-not-found', '--force', '--grace-period=0')
    })
  }

  /** Ends the process with SIGKILL, or, when no command is known for that, deletes the pod without grace. */
  async kill(): Promise<void> {
    await this.#replace(async ({ pod }) => {
      if (this.#killCommand === undefined) await this.#kubectl('delete', 'pod', pod, '--force', '--grace-period=0')
      else await promisify(execFile)('sh', ['-c', this.#killCommand, 'sh', this.#namespace, pod])
    })
  }

  /** Deletes the DaemonSet; resolves when the agent has ended. */
  async remove(): Promise<void> {
    const options = ['--cascade=foreground', '--ignore-not-found', '--timeout=120s']
    await this.#kubectl('delete', 'daemonset', this.#daemonSet, ...options)
  }

  async #replace(end: (running: Running) => Promise<void>): Promise<void> {
    const before = await this.#running()
    await end(before)
    await this.#running(before.containerID)
  }

  /** Waits for an agent in another container than that one. */
  async #running(other?: string): Promise<Running> {
    let running: Running | undefined
    await until('an agent runs', async () => {
      running = (await this.#pods()).map(asRunning).find((one) => one !== undefined && one.containerID !== other)
      return running !== undefined
    })
    assert.ok(running)
    return running
  }

  async #pods(): Promise<Pod[]> {
    const selection = ['--namespace', this.#namespace, '--selector', 'app.kubernetes.io/name=loggy']
    return (await kubectlJson<{ items: Pod[] }>('get', 'pods', ...selection)).items
  }

  async #kubectl(...args: string[]): Promise<void> {
    await kubectl(...args, '--namespace', this.#namespace)
  }
}

function asRunning({ metadata, status }: Pod): Running | undefined {
  const [container] = status.containerStatuses ?? []
  if (metadata.deletionTimestamp !== undefined || container?.ready !== true) return undefined
  return container.containerID === undefined ? undefined : { pod: metadata.name, containerID: container.containerID }
}
