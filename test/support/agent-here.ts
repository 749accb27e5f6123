import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { run } from '../../src/commands/run.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { type StandIn, standInFor } from './stand-in.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { waitUntil } from './wait-until.ts'

type Tree = { [key: string]: unknown }

/** What the only pod has written. */
export const LINE = 'GET /health 200'
const TLS = join(import.meta.dirname, 'tls')

/** A node with one pod that wrote one line, for agents that run one beside the other in this process, each with its own configuration. */
export class NodeHere {
  readonly #api: FakeApiServer
  readonly #kubelet: Kubelet
  readonly #t: TestContext

  private constructor(t: TestContext, api: FakeApiServer, kubelet: Kubelet) {
    this.#t = t
    this.#api = api
    this.#kubelet = kubelet
  }

  static async start(t: TestContext): Promise<NodeHere> {
    const api = await FakeApiServer.start()
    const kubelet = new Kubelet(temporaryDirectory(t), api)
    t.after(async () => {
      kubelet.close()
      await api.close()
    })
    const labels = { app: 'web', tier: 'front' }
    const containers = [{ name: 'app', image: 'shop/web:1' }]
    const pod = { name: 'web-1', namespace: 'shop-web', labels, annotations: { team: 'payments' }, containers }
    kubelet.startPod(pod).container().write('stdout', LINE)
    return new NodeHere(t, api, kubelet)
  }

  /**
   * Runs the agent with this text as its configuration until its sink has the line. Addresses, folders and files are this node's: a URL
   * keeps its path, and standard output is a file. Resolves with what it said, and where the line is.
   */
  async collect(yaml: string): Promise<{ readonly log: string; readonly path: string }> {
    const { directory, file, server } = await this.#prepare(parse(yaml) ?? {})
    const [stderr, ending] = [new PassThrough(), new AbortController()]
    let log = ''
    stderr.on('data', (text) => (log += text))
    const handlers = { onReportRequest: () => {}, onReloadRequest: () => {} }
    const io = { env: { NODE_NAME: 'node-1' }, stdout: stderr, stderr, signal: ending.signal, ...handlers }
    let code: number | undefined
    const running = run(['--config', file], io).then((ended) => (code = ended))
    const taken = () => server?.taken() ?? readFileSync(join(directory, 'entries'), { encoding: 'utf8', flag: 'a+' })
    await waitUntil('the line has come', () => taken().includes(LINE) || code !== undefined).finally(() =>
      ending.abort(),
    )
    if ((await running) !== 0) throw new Error(log)
    return { log, path: server?.paths().at(-1) ?? '' }
  }

  async #prepare(config: { sink?: Tree; [section: string]: Tree | undefined }) {
    const directory = temporaryDirectory(this.#t)
    const kubeconfig = join(directory, 'kubeconfig')
    writeFileSync(kubeconfig, this.#api.kubeconfig)
    const { type = 'stdout', url } = config.sink ?? {}
    const server = url === undefined ? undefined : await standInFor(this.#t, String(type))
    const here = {
      ...config,
      source: { ...config.source, directory: this.#kubelet.logDirectory },
      sink: { ...config.sink, ...this.#sinkHere(directory, String(url), server) },
      state: { directory: join(directory, 'state') },
      kubernetes: { nodeName: this.#kubelet.nodeName, kubeconfig },
      metrics: { port: 0 },
      api: { port: 0 },
    }
    const file = join(directory, 'loggy.yaml')
    writeFileSync(file, stringify(withFiles(here, directory)))
    return { directory, file, server }
  }

  #sinkHere(directory: string, url: string, server: StandIn | undefined): Tree {
    if (server === undefined) return { type: 'file', path: join(directory, 'entries') }
    const { origin } = new URL(url)
    return { url: server.url + url.slice(origin.length) }
  }
}

/** With a file of this machine wherever the configuration names one by a key such as `tokenFile`. */
function withFiles(tree: Tree, directory: string): Tree {
  const entries = Object.entries(tree).map(([key, value]): [string, unknown] => {
    if (key.endsWith('File')) return [key, fileFor(key, directory)]
    const isTree = typeof value === 'object' && value !== null && !Array.isArray(value)
    return [key, isTree ? withFiles(value as Tree, directory) : value]
  })
  return Object.fromEntries(entries)
}

function fileFor(key: string, directory: string): string {
  const certificates: Readonly<Record<string, string>> = { caFile: 'authority.crt', certFile: 'client.crt' }
  const certificate = certificates[key]
  if (certificate !== undefined) return join(TLS, certificate)
  const file = join(directory, key)
  writeFileSync(file, 'not-a-real-secret\n')
  return file
}
