import { LoggyError } from '../lib/errors.ts'

/** The destination will never accept the batch. */
export class SinkError extends LoggyError {
  override readonly name = 'SinkError'
}

/** A write that is pending or begins after the sink was closed rejects with this: code SINK_CLOSED. */
export function closedError(): SinkError {
  return new SinkError('SINK_CLOSED', 'the sink was closed before the destination had the batch')
}
