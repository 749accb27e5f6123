import type { Clock } from '../lib/clock.ts'
import type { KeyOf } from './generation.ts'

/** What it takes to open a file of a log. */
export interface OpenContext {
  readonly keyOf: KeyOf
  readonly clock: Clock
}
