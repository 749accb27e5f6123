import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { kubeConfigText, kubectl } from './kubectl.ts'
import { settings } from './settings.ts'

const checkout = join(import.meta.dirname, '../..')
const execute = promisify(execFile)

/** All kinds of objects of which the chart makes some by itself. */
const KINDS = 'daemonsets,pods,configmaps,secrets,serviceaccounts,services'
const CLUSTER_KINDS = 'clusterroles,clusterrolebindings'

/** The chart of the checkout, installed by Helm. Release and namespace have one name. */
export class Release {
  readonly name: string
  readonly #directory: string

  static async plan(name: string): Promise<Release> {
    const directory = await mkdtemp(join(tmpdir(), 'loggy-e2e-helm-'))
    await writeFile(join(directory, 'kubeconfig'), await kubeConfigText(), { mode: 0o600 })
    await copyChart(join(directory, 'chart'))
    return new Release(name, directory)
  }

  private constructor(name: string, directory: string) {
    this.name = name
    this.#directory = directory
  }

  async install(values: object): Promise<void> {
    await this.#apply(['install', '--create-namespace'], values)
  }

  async upgrade(values: object): Promise<void> {
    await this.#apply(['upgrade'], values)
  }

  async rollback(revision: number): Promise<void> {
    await this.#helm('rollback', this.name, `${revision}`)
  }

  /** Resolves with what the pod of `helm test` wrote. */
  async test(): Promise<string> {
    return await this.#helm('test', this.name)
  }

  async uninstall(): Promise<void> {
    await this.#helm('uninstall', this.name, '--wait', '--timeout', '120s')
  }

  /** What the cluster still has of the release, Helm's own records included. */
  async leftovers(): Promise<string[]> {
    const ofRelease = ['--selector', `app.kubernetes.io/instance=${this.name}`, '--output', 'name']
    const ofHelm = ['--selector', `owner=helm,name=${this.name}`, '--output', 'name']
    const inNamespace = ['--namespace', this.name]
    const lists = [
      await kubectl('get', KINDS, ...ofRelease, ...inNamespace),
      await kubectl('get', CLUSTER_KINDS, ...ofRelease),
      await kubectl('get', 'secrets', ...ofHelm, ...inNamespace),
    ]
    return lists.join('').split('\n').filter(Boolean)
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true })
  }

  async #apply(command: readonly string[], values: object): Promise<void> {
    const file = join(this.#directory, 'values.yaml')
    await writeFile(file, stringify(values))
    await this.#helm(...command, this.name, join(this.#directory, 'chart'), '--values', file)
  }

  async #helm(...args: string[]): Promise<string> {
    const given = ['--kubeconfig', join(this.#directory, 'kubeconfig'), '--namespace', this.name, ...args]
    const { stdout } = await execute(settings.helm, given, { maxBuffer: 64 * 1024 * 1024 })
    return stdout
  }
}

/** Helm compares the chart's `kubeVersion` with what the API server says of itself; a build without a version says 0.0.0, and is let pass. */
async function copyChart(to: string): Promise<void> {
  await cp(join(checkout, 'charts/loggy'), to, { recursive: true })
  const { gitVersion } = JSON.parse(await kubectl('get', '--raw', '/version'))
  if (!/^v0\.0\.0/.test(gitVersion)) return
  const chart = await readFile(join(to, 'Chart.yaml'), 'utf8')
  await writeFile(join(to, 'Chart.yaml'), chart.replace(/^kubeVersion:.*$/m, ''))
}
