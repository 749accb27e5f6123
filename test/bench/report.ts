import type { FirstEntryResult } from './first-entry.ts'
import type { Machine } from './machine.ts'
import type { SinkCost } from './sink-cost.ts'
import type { SteadyResult } from './steady.ts'
import type { ThroughputResult } from './throughput.ts'

/** What scenarios measured, each kind in the order in which they ran. */
export interface Results {
  readonly throughput: readonly ThroughputResult[]
  readonly steady: readonly SteadyResult[]
  readonly firstEntry: readonly FirstEntryResult[]
}

/** A run of the bench, as it is kept in JSON. */
export interface Report extends Results {
  /** Day, in UTC. */
  readonly taken: string
  readonly machine: Machine
}

/** A run of `bench:sinks`. */
export interface SinkReport {
  /** Day, in UTC. */
  readonly taken: string
  readonly machine: Machine
  /** Of the corpus. */
  readonly megabytes: number
  readonly costs: readonly SinkCost[]
}

export function joinResults(parts: readonly Partial<Results>[]): Results {
  return {
    throughput: parts.flatMap(({ throughput = [] }) => throughput),
    steady: parts.flatMap(({ steady = [] }) => steady),
    firstEntry: parts.flatMap(({ firstEntry = [] }) => firstEntry),
  }
}

/** As much as the figures are good for: four digits, and counts whole. */
export function roundedJson(report: Report | SinkReport): string {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  return `${JSON.stringify(report, round, 2)}\n`
}
