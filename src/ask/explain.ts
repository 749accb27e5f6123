import { parseJson } from '../kube/answer.ts'
import { ApiError } from '../kube/api-error.ts'
import { Deadline } from '../kube/deadline.ts'
import { fieldsOf, listOf } from '../kube/fields.ts'
import type { Clock } from '../lib/clock.ts'
import { LoggyError } from '../lib/errors.ts'
import type { Access } from './access.ts'
import { advise } from './advice.ts'
import { type AgentPod, nodeOf } from './agent-pod.ts'
import { type Agents, readWhole } from './agents.ts'

/** The pod in question. */
export interface PodName {
  readonly namespace: string
  readonly name: string
}

/** What the agent says about the pod's logs, or why no agent could be asked. */
export type ExplainResult =
  | {
      readonly kind: 'answered'
      readonly isCollected: boolean
      readonly sentences: readonly string[]
      /** The agent's answer, unchanged. */
      readonly answer: Buffer
    }
  | { readonly kind: 'unknown'; readonly sentences: readonly string[] }

/** Milliseconds for everything; the agent itself needs less than one second to check a node's logs. */
const timeoutMs = 30_000

/** Calls the agent of the pod's node. Resolves with a result whatever fails, unless the signal has aborted. */
export async function explainPod(
  pod: PodName,
  agents: Agents,
  { access, clock, signal }: { readonly access: Access; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ExplainResult> {
  const deadline = new Deadline(clock, { milliseconds: timeoutMs, signal })
  try {
    return await askNode(pod, agents, { access, signal: deadline.signal })
  } catch (error) {
    if (deadline.hasPassed) return unknown(`There was no answer within ${timeoutMs / 1000} s.`)
    return unknown(...advise(error))
  } finally {
    deadline.clear()
  }
}

async function askNode(
  pod: PodName,
  agents: Agents,
  { access, signal }: { readonly access: Access; readonly signal: AbortSignal },
): Promise<ExplainResult> {
  const name = `${pod.namespace}/${pod.name}`
  const object = await agents.pod(pod, signal).catch((error: unknown) => {
    if (error instanceof ApiError && error.status.code === 404) return undefined
    throw error
  })
  if (object === undefined)
    return unknown(`There is no pod ${name}.`, `kubectl -n ${pod.namespace} get pods lists the existing ones.`)
  const node = nodeOf(object)
  if (node === undefined) return unknown(`The pod ${name} is not scheduled to any node yet: it has no log.`)
  const all = await agents.list(signal)
  const here = all.filter((agent) => agent.node === node)
  const running = here.find(({ state }) => state === 'Running')
  return running === undefined ? noAgent(node, { here, all, access }) : await ask(running, pod, { agents, signal })
}

async function ask(
  agent: AgentPod,
  pod: PodName,
  { agents, signal }: { readonly agents: Agents; readonly signal: AbortSignal },
): Promise<ExplainResult> {
  const query = { namespace: pod.namespace, pod: pod.name }
  const answer = await readWhole(await agents.ask(agent, { path: '/api/explain', query, signal }))
  const { isCollected, sentences } = fieldsOf(parseJson(answer.toString()))
  if (typeof isCollected !== 'boolean') throw new LoggyError('AGENT_ANSWER', 'the agent gave an invalid answer')
  return { kind: 'answered', isCollected, sentences: listOf(sentences).map(String), answer }
}

function noAgent(
  node: string,
  { here, all, access }: { here: readonly AgentPod[]; all: readonly AgentPod[]; access: Access },
): ExplainResult {
  const [agent] = here
  const { agentNamespace, agentSelector } = access
  if (agent !== undefined)
    return unknown(
      `The agent ${agentNamespace}/${agent.name} on node ${node} does not run: it is ${agent.state}.`,
      `kubectl -n ${agentNamespace} describe pod ${agent.name} shows why.`,
    )
  if (all.length > 0)
    return unknown(
      `None of the ${all.length} agents runs on node ${node}: nothing there is collected.`,
      `kubectl -n ${agentNamespace} describe daemonset shows which nodes should have one.`,
    )
  return unknown(
    `There is no agent in namespace ${agentNamespace}: no pod there has the labels ${agentSelector}.`,
    'Use --agent-namespace and --agent-selector if the agents are elsewhere.',
  )
}

function unknown(...sentences: readonly string[]): ExplainResult {
  return { kind: 'unknown', sentences }
}
