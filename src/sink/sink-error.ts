import { LoggyError } from '../lib/errors.ts'

/** A destination that will never take the batch. */
export class SinkError extends LoggyError {
  override readonly name = 'SinkError'
}
