import type { Table } from '../kernel/table.ts'

/** Looks at records before they are rendered. Those in assembly (kernel/assembly/judge.ts) run before these. */
export interface Stage {
  /**
   * Annotates the rows [from, to), of which each is a record: drops it, or puts another body in the place of its own. Returns the end of those that are
   * done, one at least: fewer when there is no more room for bodies. Rows may come again, so it must do the same to the same row.
   */
  annotate(table: Table, from: number, to: number): number
}
