import { LoggyError } from '../lib/errors.ts'

/** An agent answered, but not with what was asked for. */
export class AgentError extends LoggyError {
  override readonly name = 'AgentError'
  /** HTTP's code. */
  readonly status: number

  constructor(status: number, message: string) {
    super('AGENT_STATUS', message)
    this.status = status
  }

  /** The question itself is at fault: no agent would answer it. */
  get isFaultyQuestion(): boolean {
    return this.status === 400
  }
}
