import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { kubectl } from './kubectl.ts'

const checkout = join(import.meta.dirname, '../..')

/** The image that the cluster has for each that the manifests name. */
interface Images {
  readonly loggy: string
  readonly busybox: string
}

/** The manifests of the checkout in a namespace of their own, beside any other installation. */
export class Installation {
  readonly namespace: string
  readonly daemonSet: string
  readonly #directory: string
  readonly #images: Images

  static async create(images: Images): Promise<Installation> {
    // Real, because kustomize wants its folders relative, and resolves the links of one side only.
    const installation = new Installation(await realpath(await mkdtemp(join(tmpdir(), 'loggy-e2e-'))), images)
    await installation.#writeAgent()
    return installation
  }

  private constructor(directory: string, images: Images) {
    const suffix = `-e2e-${Date.now().toString(36)}`
    this.#directory = directory
    this.#images = images
    this.namespace = `loggy${suffix}`
    this.daemonSet = `loggy${suffix}`
  }

  async applyAgent(): Promise<void> {
    await this.#apply('agent')
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

  async #writeAgent(): Promise<void> {
    await this.#write('agent', 'kustomization.yaml', {
      ...this.#over('manifests'),
      nameSuffix: this.daemonSet.slice('loggy'.length),
      images: [imageChange('loggy', this.#images.loggy)],
      configMapGenerator: [{ name: 'loggy', behavior: 'merge', files: ['loggy.yaml'] }],
      generatorOptions: { disableNameSuffixHash: true },
      patchesStrategicMerge: ['state.yaml'],
    })
    await this.#write('agent', 'loggy.yaml', { select: { namespaces: { include: [this.namespace] } } })
    // A state folder on the host would be shared with another installation, and left behind.
    const volumes = [{ name: 'state', hostPath: null, emptyDir: {} }]
    await this.#write('agent', 'state.yaml', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'loggy', namespace: 'loggy' },
      spec: { template: { spec: { volumes } } },
    })
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
