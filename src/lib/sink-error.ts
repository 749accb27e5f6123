import { LoggyError } from '../lib/errors.ts'

/** A destination that will never take the batch. */
export class SinkError extends LoggyError {
  override readonly name = 'SinkError'
}

/** What a write rejects with that is pending, or begun, once the sink is closed: code SINK_CLOSED. */
export function closedError(): SinkError {
  return new SinkError('SINK_CLOSED', 'the sink was closed before the destination had the batch')
}
