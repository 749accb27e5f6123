import { parseJson } from '../kube/answer.ts'
import { Deadline } from '../kube/deadline.ts'
import { fieldsOf, listOf } from '../kube/fields.ts'
import type { Clock } from '../lib/clock.ts'
import { LoggyError } from '../lib/errors.ts'
import type { Access } from './access.ts'
import { advise, isOfServer } from './advice.ts'
import type { AgentPod } from './agent-pod.ts'
import { type Agents, type PodPlace, readWhole } from './agents.ts'

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

/** Milliseconds for one pod; the agent itself needs less than one second to check a node's logs. */
const timeoutMs = 30_000

export interface ExplainParts {
  readonly agents: Agents
  /** The agents' pods. */
  readonly all: readonly AgentPod[]
  readonly access: Access
  /** How many lines of each log are explained; undefined: none. */
  readonly lines?: number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Asks the agent of the pod's node. Rejects with what the API server refuses; resolves with a result whatever else fails. */
export async function explainPod(pod: PodPlace, { clock, ...parts }: ExplainParts): Promise<ExplainResult> {
  const deadline = new Deadline(clock, { milliseconds: timeoutMs, signal: parts.signal })
  try {
    return await askNode(pod, { ...parts, signal: deadline.signal })
  } catch (error) {
    if (deadline.hasPassed) return unknown(`There was no answer within ${timeoutMs / 1000} s.`)
    if (isOfServer(error)) throw error
    return unknown(...advise(error))
  } finally {
    deadline.clear()
  }
}

async function askNode(pod: PodPlace, parts: Omit<ExplainParts, 'clock'>): Promise<ExplainResult> {
  const { namespace, name, node } = pod
  if (node === undefined)
    return unknown(`The pod ${namespace}/${name} is not scheduled to any node yet: it has no log.`)
  const here = parts.all.filter((agent) => agent.node === node)
  const running = here.find(({ state }) => state === 'Running')
  return running === undefined ? noAgent(node, here, parts) : await ask(running, pod, parts)
}

async function ask(
  agent: AgentPod,
  pod: PodPlace,
  { agents, lines, signal }: Pick<ExplainParts, 'agents' | 'lines' | 'signal'>,
): Promise<ExplainResult> {
  // Only if asked for: earlier agents refuse parameters that they do not know.
  const ofLines = lines === undefined ? {} : { lines: String(lines) }
  const query = { namespace: pod.namespace, pod: pod.name, ...ofLines }
  const answer = await readWhole(await agents.ask(agent, { path: '/api/explain', query, signal }))
  const { isCollected, sentences } = fieldsOf(parseJson(answer.toString()))
  if (typeof isCollected !== 'boolean') throw new LoggyError('AGENT_ANSWER', 'the agent gave an invalid answer')
  return { kind: 'answered', isCollected, sentences: listOf(sentences).map(String), answer }
}

function noAgent(
  node: string,
  here: readonly AgentPod[],
  { all, access }: Pick<ExplainParts, 'all' | 'access'>,
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
