import { ApiError } from '../kube/api-error.ts'
import { describeError, LoggyError, systemCode } from '../lib/errors.ts'
import { AgentError } from './agent-error.ts'

/** What went wrong on the way to an agent, and what a person can do about it, in sentences. */
export function advise(error: unknown): string[] {
  const told = `${describeError(error).replace(/[.\s]+$/, '')}.`
  if (error instanceof ApiError) return [sentence(told), ...ofStatus(error.status.code)]
  if (error instanceof AgentError && error.status === 404)
    return [sentence(told), 'The agent is too old for this command.']
  if (error instanceof LoggyError && error.code === 'KUBE_PORT_FORWARD') return ofForward(told)
  // Node says no more than `socket hang up` or `aborted`.
  if (systemCode(error) === 'ECONNRESET')
    return [
      'The connection broke off before the answer was whole: the agent may have ended or been restarted. Try again.',
    ]
  return [sentence(told)]
}

function ofStatus(code: number): string[] {
  if (code === 401) return ['Log in to the cluster again, or choose another --context.']
  if (code === 403)
    return [
      "Ask an administrator for the rights in Loggy's rbac/reader: to get pods, and in the namespace of the agents to list and watch pods and to get and create pods/portforward.",
    ]
  return []
}

function ofForward(told: string): string[] {
  if (!/connection refused/i.test(told)) return [sentence(`the connection to the agent was lost: ${told}`)]
  return [
    'Nothing listens on that port of the agent.',
    'Its api.port may be another one (--port) or 0, it may be starting, or be older than this command.',
  ]
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
