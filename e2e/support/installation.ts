import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { kubectl } from './kubectl.ts'
import { settings } from './settings.ts'

const checkout = join(import.meta.dirname, '../..')

/** As much of an object as it takes to apply it. */
export interface KubernetesObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** What differs from the manifests as they are. */
export interface Variation {
  /** The node's label `kubernetes.io/hostname`; undefined: agents are on all nodes. */
  readonly hostname?: string
  /** Whether positions outlive the agent's pod, in a folder of the node, as they do in earnest. Else they end with the pod. */
  readonly state: 'node' | 'pod'
  /** The agent's configuration. Only the installation's own namespace is read, unless this says otherwise. */
  readonly options?: AgentOptions
  /** A folder of optional rights that is applied too, such as `rbac/kubelet`. */
  readonly rights?: string
}

/** As much of the agent's configuration as the tests set. */
export interface AgentOptions {
  readonly select?: object
  readonly enrich?: object
  readonly parse?: object
  readonly sink?: object
}

let made = 0

/** The manifests of the checkout in a namespace of their own, beside any other installation. */
export class Installation {
  readonly namespace: string
  readonly daemonSet: string
  readonly #directory: string
  readonly #variation: Variation

  static async create(variation: Variation): Promise<Installation> {
    // Real, because kustomize wants its folders relative, and resolves the links of one side only.
    const installation = new Installation(await realpath(await mkdtemp(join(tmpdir(), 'loggy-e2e-'))), variation)
    await installation.#writeAgent()
    return installation
  }

  private constructor(directory: string, variation: Variation) {
    made += 1
    this.#directory = directory
    this.#variation = variation
    this.namespace = `loggy-e2e-${settings.run}-${process.pid.toString(36)}${made}`
    this.daemonSet = this.namespace
  }

  /** The folder of the host in which an agent keeps state that outlives its pod; `remove` leaves it. */
  get stateFolder(): string {
    return `/var/lib/${this.namespace}`
  }

  /** Resolves when there is a ready agent wherever there is to be one. */
  async applyAgent(): Promise<void> {
    await this.#applyOverlay('agent')
    await this.kubectl('rollout', 'status', `daemonset/${this.daemonSet}`, '--timeout=120s')
  }

  /** Changes the ConfigMap, and nothing else. */
  async configure(options: AgentOptions): Promise<void> {
    await this.#writeOptions(options)
    await this.#applyOverlay('agent')
    // The kubelet looks for changes of a ConfigMap once a minute and whenever the pod itself has changed.
    const selection = ['--selector', 'app.kubernetes.io/name=loggy', '--overwrite']
    await this.kubectl('annotate', 'pods', ...selection, `e2e.loggy.io/configured=${Date.now()}`)
  }

  /** Any objects, in the namespace unless they name another. The agent is to be applied before, since the namespace is with it. */
  async apply(...objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      const file = `${object.kind}-${object.metadata.name}`.slice(0, 200)
      await this.#write('objects', `${file}.yaml`, object)
      const namespace = object.metadata.namespace ?? this.namespace
      await kubectl('apply', '--filename', join(this.#directory, 'objects', `${file}.yaml`), '--namespace', namespace)
    }
  }

  /** A pod; resolves when it is ready. */
  async applyPod(pod: KubernetesObject): Promise<void> {
    await this.apply(pod)
    const { name, namespace = this.namespace } = pod.metadata
    await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=120s', '--namespace', namespace)
  }

  /** The example of the manifests, on that node; resolves when it is ready. */
  async applyCounter(node: string): Promise<void> {
    await this.#write('counter', 'kustomization.yaml', {
      ...this.#over('manifests/examples/counter'),
      images: [imageChange('busybox', settings.busybox)],
      patchesStrategicMerge: ['node.yaml'],
    })
    const metadata = { name: 'counter' }
    await this.#write('counter', 'node.yaml', { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: node } })
    await this.#applyOverlay('counter')
    await this.kubectl('wait', '--for=condition=Ready', 'pod/counter', '--timeout=120s')
  }

  /** Runs kubectl in the namespace. */
  async kubectl(...args: string[]): Promise<string> {
    return await kubectl('--namespace', this.namespace, ...args)
  }

  /** Deletes whatever was applied and waits until the cluster has forgotten it; the pods are in the namespace. */
  async remove(): Promise<void> {
    // By themselves some kubelets let go of a pod that has ended only half a minute later, and the namespace waits for them.
    const now = ['--all', '--force', '--grace-period=0', '--wait=false']
    await this.kubectl('delete', 'daemonsets,deployments,statefulsets,cronjobs,jobs,pods', ...now)
    await kubectl('delete', '--kustomize', join(this.#directory, 'agent'), '--ignore-not-found', '--timeout=180s')
    await rm(this.#directory, { recursive: true })
  }

  async #writeAgent(): Promise<void> {
    const { hostname, state, options = {}, rights } = this.#variation
    await this.#write('agent', 'kustomization.yaml', {
      ...this.#over('manifests', ...(rights === undefined ? [] : [rights])),
      nameSuffix: this.daemonSet.slice('loggy'.length),
      images: [imageChange('loggy', settings.image ?? '')],
      configMapGenerator: [{ name: 'loggy', behavior: 'merge', files: ['loggy.yaml'] }],
      generatorOptions: { disableNameSuffixHash: true },
      patchesStrategicMerge: ['variation.yaml'],
    })
    await this.#writeOptions(options)
    const hostPath = { path: this.stateFolder, type: 'DirectoryOrCreate' }
    const nodeSelector = hostname === undefined ? {} : { 'kubernetes.io/hostname': hostname }
    await this.#write('agent', 'variation.yaml', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'loggy', namespace: 'loggy' },
      spec: {
        template: {
          spec: {
            nodeSelector,
            volumes: [{ name: 'state', ...(state === 'node' ? { hostPath } : { hostPath: null, emptyDir: {} }) }],
          },
        },
      },
    })
  }

  async #writeOptions(options: AgentOptions): Promise<void> {
    const select = { namespaces: { include: [this.namespace] }, ...options.select }
    await this.#write('agent', 'loggy.yaml', { ...options, select })
  }

  async #applyOverlay(overlay: string): Promise<void> {
    await kubectl('apply', '--kustomize', join(this.#directory, overlay))
  }

  /** `bases`, because kubectl up to 1.20 knows folders under no other name. */
  #over(...bases: readonly string[]) {
    const toBase = (base: string) => relative(join(this.#directory, 'any'), join(checkout, base))
    return {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      bases: bases.map(toBase),
      namespace: this.namespace,
    }
  }

  async #write(overlay: string, file: string, content: object): Promise<void> {
    await mkdir(join(this.#directory, overlay), { recursive: true })
    await writeFile(join(this.#directory, overlay, file), stringify(content))
  }
}

/** The change of a whole reference, split at the colon of its tag, not at that of a port. */
function imageChange(name: string, image: string) {
  const [, newName, newTag] = image.match(/^(.+?)(?::([^:/]+))?$/) ?? []
  return { name, newName, newTag: newTag ?? 'latest' }
}
