import { ApiError } from '../kube/api-error.ts'
import { describeError, LoggyError, systemCode } from '../lib/errors.ts'
import { AgentError } from './agent-error.ts'

/** Whether the API server refused or did not answer, or could not be found: kubectl would fail in the same way. */
export function isOfServer(error: unknown): boolean {
  if (error instanceof ApiError) return true
  return error instanceof LoggyError && /^KUBE_(CONFIG|UNREACHABLE)/.test(error.code)
}

/** The lines with which a command ends: kubectl's own words for what the API server says, and what a person can do about it. */
export function failure(error: unknown): string[] {
  if (error instanceof ApiError) {
    const { code, reason, message = 'unknown' } = error.status
    const named = reason === undefined ? '' : ` (${reason})`
    if (code === 401) return ['error: You must be logged in to the server (Unauthorized)', ...ofStatus(code)]
    return [`Error from server${named}: ${message}`, ...ofStatus(code)]
  }
  if (error instanceof LoggyError && error.code === 'KUBE_UNREACHABLE')
    return [`Unable to connect to the server: ${describeError(error.cause)}`]
  return [`error: ${describeError(error)}`]
}

/** What went wrong when an agent was called, and what a person can do about it, in sentences. */
export function advise(error: unknown): string[] {
  const text = `${describeError(error).replace(/[.\s]+$/, '')}.`
  if (error instanceof ApiError) return [sentence(text), ...ofStatus(error.status.code)]
  if (error instanceof AgentError && error.status === 404)
    return [sentence(text), 'The agent is too old for this command.']
  if (error instanceof LoggyError && error.code === 'KUBE_PORT_FORWARD') return ofForward(text)
  // Node's own message is only `socket hang up` or `aborted`.
  if (systemCode(error) === 'ECONNRESET')
    return ['The connection broke before the answer was complete: the agent may have ended or restarted. Try again.']
  return [sentence(text)]
}

function ofStatus(code: number): string[] {
  if (code === 401) return ['Log in to the cluster again, or choose another --context.']
  if (code === 403)
    return [
      "Ask an administrator for the rights in Loggy's rbac/reader: to get and list pods, and in the namespace of the agents to list and watch pods and to get and create pods/portforward.",
    ]
  return []
}

function ofForward(text: string): string[] {
  if (!/connection refused/i.test(text)) return [sentence(`the connection to the agent was lost: ${text}`)]
  return [
    'The agent does not listen on that port.',
    'Its api.port may be different (--port) or 0, or the agent is still starting, or older than this command.',
  ]
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
