import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { LoopbackPort } from './loopback-port.ts'
import type { PodObject } from './pod-object.ts'
import { Random } from './random.ts'
import type { SimulatedPod } from './simulated-pod.ts'

export interface KubeletServerOptions {
  /** In PEM format. */
  readonly tls: { readonly key: string; readonly cert: string }
  /** The token that clients must send; any, and none, if it is undefined. */
  readonly token?: string
  readonly pods: () => readonly SimulatedPod[]
}

/**
 * A kubelet's own server on the loopback interface, with TLS, which gives the pods of its node: all at once, in any order, without a version.
 * Objects, headers and refusals are as on a real one (compared with Kubernetes 1.37).
 */
export class KubeletServer {
  /** The `Authorization` of each request so far. */
  readonly requests: (string | undefined)[] = []
  readonly #options: KubeletServerOptions
  readonly #port: LoopbackPort
  readonly #random = new Random(1)
  #isAllowed = true

  private constructor(options: KubeletServerOptions) {
    this.#options = options
    const server = createServer(options.tls, (message, response) => this.#answer(message, response))
    this.#port = new LoopbackPort(server)
  }

  static async start(options: KubeletServerOptions): Promise<KubeletServer> {
    const server = new KubeletServer(options)
    await server.up()
    return server
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port.number}`
  }

  /** Takes the right to `nodes/pods` away, or gives it back. */
  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed
  }

  /** Listens again on the same port. */
  up(): Promise<void> {
    return this.#port.up()
  }

  /** Cuts all connections and refuses new ones. */
  down(): Promise<void> {
    return this.#port.down()
  }

  close(): Promise<void> {
    return this.#port.close()
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { token, pods } = this.#options
    this.requests.push(headers.authorization)
    const refuse = (code: number, text: string) => response.writeHead(code, { 'Content-Type': 'text/plain' }).end(text)
    if (token !== undefined && headers.authorization !== `Bearer ${token}`) refuse(401, 'Unauthorized')
    else if (!this.#isAllowed) refuse(403, FORBIDDEN)
    else if (url !== '/pods') refuse(404, '404 page not found\n')
    else {
      // The kubelet keeps its pods in a map, whose order Go changes each time.
      const items = pods()
        .map((pod) => ({ pod, order: this.#random.next() }))
        .sort((a, b) => a.order - b.order)
        .map(({ pod }) => kubeletObject(pod))
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items }))
    }
  }
}

const FORBIDDEN =
  'Forbidden (user=system:serviceaccount:loggy:loggy, verb=get, resource=nodes, subresource(s)=[pods proxy])\n'

/**
 * The pod as the kubelet has it: that of the API server with two more annotations; a static one as its file says, with its config hash as
 * uid. Source: kubelet, `config/common.go` and `types/pod_update.go`.
 */
export function kubeletObject({ object, spec }: SimulatedPod): Omit<PodObject, 'kind' | 'apiVersion'> {
  const { metadata, spec: podSpec, status } = object
  const { 'kubernetes.io/config.mirror': _, ...annotations } = metadata.annotations
  const uid = spec.configHash ?? metadata.uid
  const seen = { 'kubernetes.io/config.seen': '2026-11-29T07:00:00.123456789Z', 'kubernetes.io/config.source': 'api' }
  return { metadata: { ...metadata, uid, annotations: { ...seen, ...annotations } }, spec: podSpec, status }
}
