import { LoggyError } from '../lib/errors.ts'

/** An agent answered with an error. */
export class AgentError extends LoggyError {
  override readonly name = 'AgentError'
  /** The HTTP status. */
  readonly status: number

  constructor(status: number, message: string) {
    super('AGENT_STATUS', message)
    this.status = status
  }

  /** The request is invalid, so every agent would refuse it. */
  get isInvalidRequest(): boolean {
    return this.status === 400
  }
}
