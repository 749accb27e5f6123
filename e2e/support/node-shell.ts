import type { Installation } from './installation.ts'
import { kubectl } from './kubectl.ts'

/** A pod on a node that sees the logs there, and can delete what an agent has kept there. */
export class NodeShell {
  readonly #namespace: string
  readonly #pod: string

  static async start(installation: Installation, { image, node }: { image: string; node: string }): Promise<NodeShell> {
    const shell = new NodeShell(installation.namespace, 'node-shell')
    await installation.applyPod(shellPod({ name: shell.#pod, image, node }))
    return shell
  }

  private constructor(namespace: string, pod: string) {
    this.#namespace = namespace
    this.#pod = pod
  }

  /** The names of the files in which a container's log is and was. */
  async logFiles({ pod, uid, container }: { pod: string; uid: string; container: string }): Promise<string[]> {
    const output = await this.#run('ls', `/var/log/pods/${this.#namespace}_${pod}_${uid}/${container}`)
    return output.split('\n').filter((name) => name !== '')
  }

  /** Deletes a folder directly under `/var/lib`. */
  async removeState(folder: string): Promise<void> {
    await this.#run('rm', '-rf', folder)
  }

  async #run(...command: string[]): Promise<string> {
    return await kubectl('exec', this.#pod, '--namespace', this.#namespace, '--', ...command)
  }
}

function shellPod({ name, image, node }: { name: string; image: string; node: string }) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'shell',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '86400'],
          volumeMounts: [
            { name: 'logs', mountPath: '/var/log', readOnly: true },
            { name: 'states', mountPath: '/var/lib' },
          ],
        },
      ],
      volumes: [
        { name: 'logs', hostPath: { path: '/var/log', type: 'Directory' } },
        { name: 'states', hostPath: { path: '/var/lib', type: 'Directory' } },
      ],
    },
  }
}
