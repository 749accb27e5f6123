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

/** The pod that is asked about. */
export interface PodName {
  readonly namespace: string
  readonly name: string
}

/** What can be said of a pod's logs: what its agent says, or why there is no telling. */
export type ExplainResult =
  | {
      readonly kind: 'told'
      readonly isCollected: boolean
      readonly sentences: readonly string[]
      /** As the agent sent it. */
      readonly answer: Buffer
    }
  | { readonly kind: 'untold'; readonly sentences: readonly string[] }

/** Milliseconds for all of it; the agent itself looks at a node's logs in less than one second. */
const patienceMs = 30_000

/** Asks the agent of the pod's node. Resolves with a verdict whatever fails on the way, as long as the signal has not aborted. */
export async function explainPod(
  pod: PodName,
  agents: Agents,
  { access, clock, signal }: { readonly access: Access; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ExplainResult> {
  const deadline = new Deadline(clock, { milliseconds: patienceMs, signal })
  try {
    return await askNode(pod, agents, { access, signal: deadline.signal })
  } catch (error) {
    if (deadline.hasPassed) return untold(`There was no answer within ${patienceMs / 1000} s.`)
    return untold(...advise(error))
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
    return untold(`There is no pod ${name}.`, `kubectl -n ${pod.namespace} get pods names those that there are.`)
  const node = nodeOf(object)
  if (node === undefined) return untold(`The pod ${name} is not scheduled to any node yet: it has no log.`)
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
  return { kind: 'told', isCollected, sentences: listOf(sentences).map(String), answer }
}

function noAgent(
  node: string,
  { here, all, access }: { here: readonly AgentPod[]; all: readonly AgentPod[]; access: Access },
): ExplainResult {
  const [agent] = here
  const { agentNamespace, agentSelector } = access
  if (agent !== undefined)
    return untold(
      `The agent ${agentNamespace}/${agent.name} on node ${node} does not run: it is ${agent.state}.`,
      `kubectl -n ${agentNamespace} describe pod ${agent.name} tells why.`,
    )
  if (all.length > 0)
    return untold(
      `None of the ${all.length} agents runs on node ${node}: nothing there is collected.`,
      `kubectl -n ${agentNamespace} describe daemonset tells which nodes are meant to have one.`,
    )
  return untold(
    `There is no agent in namespace ${agentNamespace}: no pod there has the labels ${agentSelector}.`,
    'Where they are can be told by --agent-namespace and --agent-selector.',
  )
}

function untold(...sentences: readonly string[]): ExplainResult {
  return { kind: 'untold', sentences }
}
