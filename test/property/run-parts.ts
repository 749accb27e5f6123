import type { StreamName } from '../../src/model/stream-name.ts'
import type { ContainerRuntime } from '../../src/simulation/log-record.ts'
import type { Generation, Ledger } from './ledger.ts'
import type { NodeClock } from './node-clock.ts'

/** Asked before files are deleted, so that nothing is taken away that an agent at work had no chance to open. */
export type Permit = (generations: readonly Generation[]) => Promise<void>

/** What the runtime may still write to the old file just after it has opened the new one. */
export interface LateWrite {
  readonly stream: StreamName
  readonly isPartial: boolean
}

/** What a full disk or a power cut does between two lines. */
export interface Damage {
  /** The line before was cut within its header. */
  readonly isTorn: boolean
  /** NULs that stand there: some, or more than one look brings. */
  readonly hole: 'none' | 'small' | 'large'
}

/** What a run shares with all others of its node. */
export interface RunParts {
  readonly ledger: Ledger
  readonly clock: NodeClock
  readonly runtime: ContainerRuntime
  readonly maxLogFiles: number
  readonly permit: Permit
}
