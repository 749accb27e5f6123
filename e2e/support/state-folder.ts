import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { applyObject } from './apply-object.ts'
import { kubectl } from './kubectl.ts'
import { settings } from './settings.ts'
import { until } from './until.ts'

const cleanup = join(import.meta.dirname, '../../manifests/cleanup')

/** The folder of a node, directly under `/var/lib`, in which agents keep what outlives their pods. */
export class StateFolder {
  readonly #name: string
  readonly #node: string

  constructor(name: string, node: string) {
    this.#name = name
    this.#node = node
  }

  get path(): string {
    return `/var/lib/${this.#name}`
  }

  /** Looked at by a pod of that namespace, since the node need not be this machine. */
  async exists(namespace: string): Promise<boolean> {
    await applyObject(this.#lookingPod(), namespace)
    const inNamespace = ['--namespace', namespace]
    const phase = () => kubectl('get', 'pod/look', '--output', 'jsonpath={.status.phase}', ...inNamespace)
    await until('the pod has looked', async () => (await phase()) === 'Succeeded')
    const found = await kubectl('logs', 'look', ...inNamespace)
    await kubectl('delete', 'pod/look', '--now', ...inNamespace)
    return found.trim() === 'there'
  }

  /** Removes it as users do, by `manifests/cleanup`, under names of this run. */
  async cleanUp(): Promise<void> {
    // Real, because kustomize wants its folders relative, and resolves the links of one side only.
    const overlay = await realpath(await mkdtemp(join(tmpdir(), 'loggy-e2e-cleanup-')))
    const name = `${this.#name}-loggy-cleanup`
    await writeFile(join(overlay, 'kustomization.yaml'), stringify(this.#kustomization(overlay, name)))
    await writeFile(join(overlay, 'folder.yaml'), stringify(this.#patch()))
    try {
      await kubectl('apply', '--kustomize', overlay)
      await kubectl('rollout', 'status', `daemonset/${name}`, '--timeout=120s', '--namespace', name)
    } finally {
      await kubectl('delete', '--kustomize', overlay, '--ignore-not-found', '--timeout=180s')
      await rm(overlay, { recursive: true })
    }
  }

  #kustomization(overlay: string, name: string) {
    const [, newName, newTag] = settings.busybox.match(/^(.+?)(?::([^:/]+))?$/) ?? []
    return {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      bases: [relative(overlay, cleanup)],
      namespace: name,
      namePrefix: `${this.#name}-`,
      images: [{ name: 'busybox', newName, newTag: newTag ?? 'latest' }],
      patchesStrategicMerge: ['folder.yaml'],
    }
  }

  #patch() {
    const remove = { name: 'remove', command: ['rm', '-rf', `/parent/${this.#name}`] }
    return {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'loggy-cleanup', namespace: 'loggy-cleanup' },
      spec: { template: { spec: { initContainers: [remove] } } },
    }
  }

  #lookingPod() {
    const look = {
      name: 'look',
      image: settings.busybox,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', `[ -e ${this.path} ] && echo there || echo gone`],
      volumeMounts: [{ name: 'parent', mountPath: '/var/lib', readOnly: true }],
    }
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'look' },
      spec: {
        nodeName: this.#node,
        restartPolicy: 'Never',
        containers: [look],
        volumes: [{ name: 'parent', hostPath: { path: '/var/lib', type: 'Directory' } }],
      },
    }
  }
}
