import { describeError, LoggyError } from '../lib/errors.ts'
import type { Log } from '../model.ts'
import { ApiError } from './api-error.ts'

/** Says once when requests begin to fail, once more when they fail in another way, and when they work again. */
export class Trouble {
  readonly #log: Log
  readonly #resource: string
  #current: string | undefined

  constructor(log: Log, resource: string) {
    this.#log = log
    this.#resource = resource
  }

  report(verb: 'list' | 'watch', error: unknown): void {
    const kind =
      error instanceof ApiError ? `${verb} ${error.status.code}` : error instanceof LoggyError ? error.code : 'other'
    if (kind === this.#current) return
    this.#current = kind
    const fields = { resource: this.#resource, verb, error: describeError(error) }
    const isForbidden = error instanceof ApiError && error.status.code === 403
    if (isForbidden)
      this.#log.error('The API server refuses: the ClusterRole must allow this verb on this resource; retrying', fields)
    else this.#log.warn('Cannot follow the API server; retrying', fields)
  }

  /** A request of that verb has worked. A refused watch is not over because a list works in its place. */
  end(verb: 'list' | 'watch'): void {
    if (verb === 'list' && this.#current === 'watch 403') return
    if (this.#current !== undefined) this.#log.info('Following the API server again', { resource: this.#resource })
    this.#current = undefined
  }
}
