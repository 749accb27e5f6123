import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { kubectl } from './kubectl.ts'

const checkout = join(import.meta.dirname, '../..')

/** Part of a pod's spec. The default state folder would be shared with another installation, and left behind on each node. */
const anywhere = { volumes: [{ name: 'state', hostPath: null, emptyDir: {} }] }

/** The image that the cluster has for each that the manifests name. */
interface Images {
  readonly loggy: string
  readonly busybox: string
}

/** An agent on one node alone, which keeps its state in a folder there, as it does in earnest. */
export interface OnOneNode {
  /** The node's label `kubernetes.io/hostname`. */
  readonly hostname: string
  /** Beside the selection of the namespace. */
  readonly options: { readonly select?: object; readonly sink: object }
}

/** The manifests of the checkout in a namespace of their own, beside any other installation. */
export class Installation {
  readonly namespace: string
  readonly daemonSet: string
  readonly #directory: string
  readonly #images: Images

  /** Without `onOneNode` the agent is on all nodes, and its state ends with its pod. */
  static async create(images: Images, onOneNode?: OnOneNode): Promise<Installation> {
    // Real, because kustomize wants its folders relative, and resolves the links of one side only.
    const installation = new Installation(await realpath(await mkdtemp(join(tmpdir(), 'loggy-e2e-'))), images)
    await installation.#writeAgent(onOneNode)
    return installation
  }

  private constructor(directory: string, images: Images) {
    const suffix = `-e2e-${Date.now().toString(36)}`
    this.#directory = directory
    this.#images = images
    this.namespace = `loggy${suffix}`
    this.daemonSet = `loggy${suffix}`
  }

  /** The folder of the host in which an agent on one node keeps its state; `remove` leaves it. */
  get stateFolder(): string {
    return `/var/lib/${this.namespace}`
  }

  async applyAgent(): Promise<void> {
    await this.#apply('agent')
  }

  /** Any pod, in the namespace; resolves when it is ready. The agent is to be applied before, since the namespace is with it. */
  async applyPod(pod: { readonly metadata: { readonly name: string } }): Promise<void> {
    const { name } = pod.metadata
    await this.#write('pods', `${name}.yaml`, pod)
    await kubectl('apply', '--filename', join(this.#directory, 'pods', `${name}.yaml`), '--namespace', this.namespace)
    await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=120s', '--namespace', this.namespace)
  }

  /** The example, on that node, or the same by another name. */
  async applyCounter(node: string, name: 'counter' | 'witness-counter' = 'counter'): Promise<void> {
    await this.#write(name, 'kustomization.yaml', {
      ...this.#over('manifests/examples/counter'),
      namePrefix: name.slice(0, -'counter'.length),
      images: [imageChange('busybox', this.#images.busybox)],
      patchesStrategicMerge: ['node.yaml'],
    })
    const metadata = { name: 'counter' }
    await this.#write(name, 'node.yaml', { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: node } })
    await this.#apply(name)
  }

  /** Deletes whatever was applied and waits until the cluster has forgotten it; the pods are in the namespace. */
  async remove(): Promise<void> {
    await kubectl('delete', '--kustomize', join(this.#directory, 'agent'), '--ignore-not-found', '--timeout=120s')
    await rm(this.#directory, { recursive: true })
  }

  async #writeAgent(onOneNode: OnOneNode | undefined): Promise<void> {
    await this.#write('agent', 'kustomization.yaml', {
      ...this.#over('manifests'),
      nameSuffix: this.daemonSet.slice('loggy'.length),
      images: [imageChange('loggy', this.#images.loggy)],
      configMapGenerator: [{ name: 'loggy', behavior: 'merge', files: ['loggy.yaml'] }],
      generatorOptions: { disableNameSuffixHash: true },
      patchesStrategicMerge: ['state.yaml'],
    })
    const select = { ...onOneNode?.options.select, namespaces: { include: [this.namespace] } }
    await this.#write('agent', 'loggy.yaml', { ...onOneNode?.options, select })
    await this.#write('agent', 'state.yaml', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'loggy', namespace: 'loggy' },
      spec: { template: { spec: onOneNode === undefined ? anywhere : this.#only(onOneNode) } },
    })
  }

  #only({ hostname }: OnOneNode) {
    return {
      nodeSelector: { 'kubernetes.io/hostname': hostname },
      volumes: [{ name: 'state', hostPath: { path: this.stateFolder } }],
    }
  }

  async #apply(overlay: string): Promise<void> {
    await kubectl('apply', '--kustomize', join(this.#directory, overlay))
  }

  /** `bases`, because kubectl up to 1.20 knows folders under no other name. */
  #over(base: string) {
    const path = relative(join(this.#directory, 'any'), join(checkout, base))
    return {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      bases: [path],
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
