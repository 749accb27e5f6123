import type { Clock } from '../lib/clock.ts'
import { describeError, LoggyError } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import { ApiError } from './api-error.ts'

type Verb = 'list' | 'watch'

/** Logs the state of a reflector: when its requests begin to fail, when they fail in another way, and when they work again. */
export class ReflectorLog {
  readonly #log: Log
  readonly #resource: string
  readonly #trouble: Trouble

  constructor(resource: string, { log, clock }: { readonly log: Log; readonly clock: Clock }) {
    this.#log = log
    this.#resource = resource
    this.#trouble = new Trouble(clock)
  }

  fail(verb: Verb, error: unknown): void {
    if (!this.#trouble.note(kindOf(verb, error))) return
    const fields = { resource: this.#resource, verb, error: describeError(error) }
    const isForbidden = error instanceof ApiError && error.status.code === 403
    if (isForbidden)
      this.#log.error('The API server refuses: the ClusterRole must allow this verb on this resource; retrying', fields)
    else this.#log.warn('Cannot watch the API server; retrying', fields)
  }

  /** Reports a successful request. If the watch is refused, a successful list does not end the trouble. */
  succeed(verb: Verb): void {
    if (verb === 'list' && this.#trouble.has('watch 403')) return
    if (this.#trouble.end() > 0) this.#log.info('Watching the API server again', { resource: this.#resource })
  }
}

function kindOf(verb: Verb, error: unknown): string {
  if (error instanceof ApiError) return `${verb} ${error.status.code}`
  return error instanceof LoggyError ? error.code : 'other'
}
