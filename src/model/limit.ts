import type { Rate } from '../lib/bucket.ts'

/** What a container, or all containers of a namespace on this node, may write. */
export interface Limit extends Rate {
  /** Milliseconds' worth that may be used at once. */
  readonly burstMs: number
  /** What is over: read later, or left out. */
  readonly over: 'delay' | 'sample'
}

/** A limit that an annotation sets. */
export interface LimitChoice {
  readonly rate: Rate
  readonly rule: string
}

/** How a container stands with its limits. */
export interface LimitStatus {
  /** The limits: `limit.container: 100 lines/s`. */
  readonly rules: readonly string[]
  /** `delayed`: it has used its budget up, and waits. `yielding`: it is read whatever its budget, as else lines would be lost. */
  readonly state: 'within' | 'delayed' | 'yielding'
}
