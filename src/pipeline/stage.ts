import type { Table } from '../kernel/table.ts'

/** Annotates records before they are rendered. Stages in the kernel (assembly/judge.ts) run first. */
export interface Stage {
  /**
   * Annotates the rows [from, to); each is a record. It can drop a row or replace its body. Returns the end of the rows that are done: at least
   * one, fewer than all if there is no more room for bodies. The same rows may come again, so the result must not depend on earlier calls.
   */
  annotate(table: Table, from: number, to: number): number
}
