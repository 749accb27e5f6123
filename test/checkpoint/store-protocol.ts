/** What a process with a store is asked, and what it answers: one line of JSON each. */
import type { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'

/** Milliseconds between two advances in `run`, and the keys that take turns. */
export const TICK_MS = 4
export const KEYS = 40

export type Command =
  | { readonly is: 'advance'; readonly key: string; readonly stdout: number }
  | { readonly is: 'get'; readonly key: string }
  | { readonly is: 'seen' | 'flush' | 'close' }
  /** Advances without end, one key after the other, to the number of the tick, which is printed first. */
  | { readonly is: 'run'; readonly tick: number }

export interface Answer {
  readonly stdout: number | undefined
  readonly counters: CheckpointStore['counters']
  readonly log: readonly string[]
}
