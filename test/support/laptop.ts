import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { TestContext } from 'node:test'
import { kubeconfigFor } from '../../src/simulation/api-kubeconfig.ts'
import type { ApiObject } from '../../src/simulation/api-objects.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import type { FakeAgent } from './fake-agent.ts'
import { FakePortForward, type ForwardTarget } from './port-forward.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { waitUntil } from './wait-until.ts'

type Command = (argv: readonly string[], io: LaptopIo) => Promise<number>

interface LaptopIo {
  readonly stdout: PassThrough
  readonly stderr: PassThrough
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** A person's machine with a kubeconfig, and a cluster behind it whose agents are port-forwarded to. */
export class Laptop {
  readonly server: FakeApiServer
  readonly forwards: FakePortForward
  readonly env: Readonly<Record<string, string>>
  /** Aborts when the test is over. */
  readonly ending: AbortSignal
  readonly #targets: Map<string, ForwardTarget>
  readonly #kubeconfig: string

  private constructor(
    parts: Pick<Laptop, 'server' | 'forwards' | 'env' | 'ending'>,
    targets: Map<string, ForwardTarget>,
    kubeconfig: string,
  ) {
    this.server = parts.server
    this.forwards = parts.forwards
    this.env = parts.env
    this.ending = parts.ending
    this.#targets = targets
    this.#kubeconfig = kubeconfig
  }

  static async create(t: TestContext): Promise<Laptop> {
    const targets = new Map<string, ForwardTarget>()
    const notFound = { status: 404, body: '{"kind":"Status","message":"pod not found","code":404}' }
    const forwards = new FakePortForward(({ pod }) => targets.get(pod) ?? notFound)
    const server = await FakeApiServer.start({ onUpgrade: forwards.onUpgrade })
    const ending = new AbortController()
    t.after(async () => {
      ending.abort()
      // Their sockets are the server's no more, which would wait for them.
      forwards.close()
      await server.close()
    })
    const file = join(temporaryDirectory(t), 'kubeconfig')
    writeFileSync(file, kubeconfigFor(server.url))
    return new Laptop({ server, forwards, env: { KUBECONFIG: file }, ending: ending.signal }, targets, file)
  }

  /** The namespace of the kubeconfig's context, as after `kubectl config set-context --current --namespace`. */
  useNamespace(namespace: string): void {
    writeFileSync(this.#kubeconfig, kubeconfigFor(this.server.url, { namespace }))
  }

  /** A pod of someone's; without a node it is not scheduled. `metadata`: what it has beside its name. */
  addPod(name: string, node: string | undefined, metadata: object = {}): void {
    this.server.upsert({
      kind: 'Pod',
      metadata: { namespace: 'shop', ...metadata, name },
      spec: node === undefined ? {} : { nodeName: node },
    })
  }

  /** The pod of an agent on that node; returns what `server.delete` takes. */
  addAgent(
    name: string,
    node: string,
    {
      to,
      phase = 'Running',
      namespace = 'loggy',
    }: { to: FakeAgent | ForwardTarget; phase?: string; namespace?: string },
  ): ApiObject {
    this.#targets.set(name, to)
    const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': 'loggy' } }
    return this.server.upsert({ kind: 'Pod', metadata, spec: { nodeName: node }, status: { phase } })
  }

  /** Starts a command; `shown` and `told` are what has arrived of its two outputs. */
  start(command: Command, argv: readonly string[]) {
    const [stdout, stderr, interruption] = [new PassThrough(), new PassThrough(), new AbortController()]
    const signal = AbortSignal.any([this.ending, interruption.signal])
    const run = { shown: '', told: '' }
    stdout.on('data', (bytes) => (run.shown += bytes))
    stderr.on('data', (bytes) => (run.told += bytes))
    const code = command(argv, { stdout, stderr, env: this.env, signal })
    return {
      stdout,
      code,
      /** What has arrived of its output so far. */
      shown: () => run.shown,
      interrupt: () => interruption.abort(),
      until: async (what: string, condition: (seen: Readonly<typeof run>) => boolean) => {
        await waitUntil(what, () => condition(run)).catch((cause) => {
          throw new Error(`${JSON.stringify(run)}`, { cause })
        })
        return run
      },
      /** When it has ended by itself. */
      result: async () => ({ code: await code, ...run }),
    }
  }
}
