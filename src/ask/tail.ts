import type { Entry } from '../entry/entry.ts'
import type { KubeClient } from '../kube/client.ts'
import { Reflector } from '../kube/reflector.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Log } from '../model/log.ts'
import type { Output } from '../view/output.ts'
import { terminalText } from '../view/terminal-text.ts'
import type { Access } from './access.ts'
import { projectAgentPod } from './agent-pod.ts'
import { AgentStreams } from './agent-streams.ts'
import { Agents } from './agents.ts'
import { type TimedLine, TimeWindow } from './time-window.ts'

export interface TailParts {
  readonly client: KubeClient
  readonly access: Access
  /** Query of each agent's `/api/tail`. */
  readonly query: Readonly<Record<string, string>>
  readonly output: Output
  /** Formats an entry for people; undefined: the bytes are passed on unchanged. */
  readonly format: ((entry: Entry) => string) | undefined
  readonly notify: (message: string) => void
  readonly clock: Clock
  readonly random?: () => number
  readonly signal: AbortSignal
}

/**
 * Shows new matching entries of all nodes, in the order of their times. Resolves when the signal aborts or the output is closed. Rejects
 * with LoggyError if the agents cannot be listed at the start, or refuse the request.
 */
export async function tail(parts: TailParts): Promise<void> {
  const { client, access, output, notify, clock, random = Math.random } = parts
  const agents = new Agents(client, access)
  // Listed once at first, to fail early: the reflector would retry for ever.
  await agents.list(parts.signal)
  const ending = new AbortController()
  const signal = AbortSignal.any([parts.signal, ending.signal])
  const window = new TimeWindow(clock)
  const onEntry = (line: Buffer) => window.add(line)
  const { agentNamespace: namespace, agentSelector: labelSelector } = access
  const where = `in namespace ${namespace} with the labels ${labelSelector} (--agent-namespace, --agent-selector)`
  const streams = new AgentStreams(
    { agents, query: parts.query, clock, random, notify, onEntry },
    { signal, where, onFailure: (error) => ending.abort(error) },
  )
  const pods = new Reflector({
    ...{ client, resource: 'pods', namespace, labelSelector, fieldSelector: undefined },
    ...{ project: projectAgentPod, target: streams, log: noticeLog(notify), clock, random },
  })
  const following = pods.run(signal)
  try {
    for await (const lines of window.due(signal)) if (!(await output.write(render(lines, parts.format)))) break
    if (ending.signal.aborted) throw ending.signal.reason
  } finally {
    ending.abort()
    await following
  }
}

const newline = Buffer.from('\n')

function render(lines: readonly TimedLine[], format: TailParts['format']): Buffer {
  return Buffer.concat(lines.flatMap((line) => [renderLine(line, format), newline]))
}

function renderLine({ line, parsed }: TimedLine, format: TailParts['format']): Buffer {
  if (format === undefined) return line
  return Buffer.from(parsed.kind === 'entry' ? format(parsed.entry) : terminalText(line.toString()))
}

/** Shows the reflector's messages about failures to watch the agents' pods. */
function noticeLog(notify: (message: string) => void): Log {
  const show = (message: string, fields: object = {}) =>
    notify('error' in fields ? `${message}: ${describeError(fields.error)}` : message)
  return { debug: () => {}, info: show, warn: show, error: show }
}
