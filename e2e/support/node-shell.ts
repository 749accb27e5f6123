import type { Installation } from './installation.ts'
import { settings } from './settings.ts'

/** A pod on a node that sees the logs and the processes there, and can delete what an agent has kept there. */
export class NodeShell {
  readonly #installation: Installation
  readonly #pod = 'node-shell'

  static async start(installation: Installation, node: string): Promise<NodeShell> {
    const shell = new NodeShell(installation)
    await installation.applyPod(shellPod(shell.#pod, node))
    return shell
  }

  private constructor(installation: Installation) {
    this.#installation = installation
  }

  /** The names of the files in which a container's log is and was. */
  async logFiles({ pod, uid, container }: { pod: string; uid: string; container: string }): Promise<string[]> {
    const output = await this.#run('ls', `/var/log/pods/${this.#installation.namespace}_${pod}_${uid}/${container}`)
    return output.split('\n').filter((name) => name !== '')
  }

  /** The plain files in which the logs of a pod are, each line behind the file's name: `main/0.log 2026-…`. */
  async logLines({ pod, uid }: { pod: string; uid: string }): Promise<string[]> {
    const folder = `/var/log/pods/${this.#installation.namespace}_${pod}_${uid}`
    const print = 'cd "$0" && for file in */*.log; do sed "s|^|$file |" "$file"; done'
    return (await this.#run('sh', '-c', print, folder)).split('\n').filter((line) => line !== '')
  }

  /**
   * Sends SIGKILL to all processes of a container, from outside, some seconds from now: the API may be gone by then.
   * The identity is as the API has it, `containerd://…`.
   */
  async kill(containerID: string, afterSeconds = 0): Promise<void> {
    // With either version of cgroups, and whatever namespace is looked at from, the path ends with the container's id.
    const id = containerID.replace(/^.*:\/\//, '')
    const find = `grep -l ${id} /proc/[0-9]*/cgroup | cut -d / -f 3`
    await this.#run('sh', '-c', later(`kill -9 $(${find})`, afterSeconds))
  }

  /** Writes a file below the folder of static pods, some seconds from now. */
  async writeStaticPod(name: string, manifest: string, afterSeconds = 0): Promise<void> {
    await this.#run('sh', '-c', later('printf %s "$1" >"/static-pods/$0.yaml"', afterSeconds), name, manifest)
  }

  async removeStaticPod(name: string): Promise<void> {
    await this.#run('rm', '-f', `/static-pods/${name}.yaml`)
  }

  /** Deletes a folder directly under `/var/lib`. */
  async removeState(folder: string): Promise<void> {
    await this.#run('rm', '-rf', folder)
  }

  async #run(...command: string[]): Promise<string> {
    return await this.#installation.kubectl('exec', this.#pod, '--', ...command)
  }
}

/** A script that sleeps before it runs this one, if at all, and is not waited for then. */
function later(script: string, afterSeconds: number): string {
  return afterSeconds > 0 ? `(sleep ${afterSeconds}; ${script}) >/dev/null 2>&1 &` : script
}

function shellPod(name: string, node: string) {
  const hostPaths = { '/var/log': '/var/log', '/var/lib': '/var/lib', '/static-pods': settings.staticPods }
  const mounts = Object.entries(hostPaths).flatMap(([mountPath, path]) =>
    path === undefined ? [] : [{ name: mountPath.slice(1).replace('/', '-'), mountPath, path }],
  )
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node,
      hostPID: true,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'shell',
          image: settings.busybox,
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '86400'],
          volumeMounts: mounts.map(({ name, mountPath }) => ({ name, mountPath, readOnly: mountPath === '/var/log' })),
        },
      ],
      // A node without static pods need not have their folder, though its kubelet looks for it.
      volumes: mounts.map(({ name, path }) => ({ name, hostPath: { path, type: 'DirectoryOrCreate' } })),
    },
  }
}
