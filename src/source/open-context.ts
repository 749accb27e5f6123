import type { Clock } from '../lib/clock.ts'
import type { KeyOf } from './generation.ts'

/** The parameters for opening a file of a log. */
export interface OpenContext {
  readonly keyOf: KeyOf
  readonly clock: Clock
}
