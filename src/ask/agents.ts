import { type IncomingMessage, request } from 'node:http'
import { parseJson } from '../kube/answer.ts'
import type { KubeClient } from '../kube/client.ts'
import { fieldsOf, textOf } from '../kube/fields.ts'
import { readList } from '../kube/list.ts'
import { projectPod } from '../kube/pod-record.ts'
import { openPortForward } from '../kube/port-forward.ts'
import { isOwnedBy } from '../select/workload.ts'
import type { Access } from './access.ts'
import { AgentError } from './agent-error.ts'
import { type AgentPod, nodeOf, projectAgentPod } from './agent-pod.ts'

/** Maximum size of an answer that is read as a whole; an answer about a pod has a few sentences and containers. */
const longestAnswerBytes = 16 * 1024 * 1024

/** A pod of the cluster. */
export interface PodName {
  readonly namespace: string
  readonly name: string
}

/** And the node that it runs on; undefined until it is scheduled. */
export interface PodPlace extends PodName {
  readonly node: string | undefined
}

/** Which pods are looked for. */
export interface PodQuery {
  /** Undefined: all. */
  readonly namespace: string | undefined
  readonly selector?: string
  /** `Deployment/web`. */
  readonly workload?: string
}

/** A request to an agent. */
export interface AgentRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** The agents of a cluster, found and called through the API server (port-forward). All methods reject with LoggyError, or ECONNRESET. */
export class Agents {
  readonly #client: KubeClient
  readonly #access: Access

  constructor(client: KubeClient, access: Access) {
    this.#client = client
    this.#access = access
  }

  /** Where a pod runs. */
  async pod({ namespace, name }: PodName, signal: AbortSignal): Promise<PodPlace> {
    const { body } = await this.#client.get(`/api/v1/namespaces/${namespace}/pods/${name}`, {}, signal)
    return { namespace, name, node: nodeOf(fieldsOf(parseJson((await readWhole(body)).toString()))) }
  }

  /** Where the pods with these labels run, of a namespace or, if it is undefined, of all; only those of a workload, if one is named. */
  async pods({ namespace, selector, workload }: PodQuery, signal: AbortSignal): Promise<readonly PodPlace[]> {
    const path = namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`
    const query: Record<string, string> = selector === undefined ? {} : { labelSelector: selector }
    const { body } = await this.#client.get(path, query, signal)
    const { items } = await readList(body, (object): PodPlace | undefined => {
      const pod = projectPod(object)
      const { name, node } = pod
      return workload === undefined || isOwnedBy(workload, pod) ? { namespace: pod.namespace, name, node } : undefined
    })
    return items
  }

  /** The agents' pods, in any state. */
  async list(signal: AbortSignal): Promise<readonly AgentPod[]> {
    const { agentNamespace, agentSelector } = this.#access
    const path = `/api/v1/namespaces/${agentNamespace}/pods`
    const { body } = await this.#client.get(path, { labelSelector: agentSelector }, signal)
    return (await readList(body, projectAgentPod)).items
  }

  /** Calls an agent. Resolves with the headers of a 200 answer; rejects with AgentError for any other status. */
  async ask(
    { namespace, name }: AgentPod,
    { path, query, headers = {}, signal }: AgentRequest,
  ): Promise<IncomingMessage> {
    const { port } = this.#access
    const stream = await openPortForward(this.#client, { namespace, pod: name, port, signal })
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // The agent accepts no other host, so that no page in a browser can reach it.
      const target = { host: '127.0.0.1', port, path: `${path}?${new URLSearchParams(query)}`, headers, signal }
      const sent = request({ ...target, createConnection: () => stream }, resolve)
      sent.on('error', reject)
      sent.end()
    })
    if (response.statusCode === 200) return response
    throw await agentError(response)
  }
}

/** A body's bytes. Rejects if there are too many. */
export async function readWhole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > longestAnswerBytes) throw new AgentError(200, `an answer longer than ${longestAnswerBytes} bytes`)
  }
  return Buffer.concat(chunks)
}

async function agentError(response: IncomingMessage): Promise<AgentError> {
  const status = response.statusCode ?? 0
  const text = (await readWhole(response)).toString()
  return new AgentError(status, `the agent answered ${status}: ${reasonIn(text)}`)
}

/** The agent's error message; if it is not the expected JSON, the first characters. */
function reasonIn(text: string): string {
  try {
    return textOf(fieldsOf(JSON.parse(text)).error) ?? text.slice(0, 200)
  } catch {
    return text.slice(0, 200).trim() || 'no reason given'
  }
}
