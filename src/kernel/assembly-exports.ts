import { type Constant, instantiate } from '../lib/wasm.ts'

/** Functions and constants of the WebAssembly module, as `assembly/` documents them. Addresses are bytes into its memory. */
export interface AssemblyExports {
  readonly scanRows: (at: number, end: number, goesOn: number) => void
  readonly takeLine: (start: number, end: number, next: number, row: number) => number
  readonly takeMalformed: (start: number, end: number, next: number, row: number) => void
  readonly beginRows: (at: number) => void
  readonly run: (limit: number, pauses: number) => number
  readonly render: (limit: number) => number
  readonly flush: (stream: number, index: number, position: number) => number
  readonly flushGroup: (stream: number, index: number) => number
  /** What the row is to those before and behind it: see assembly/group-states.ts. */
  readonly tellLine: (row: number) => number
  readonly endOfTime: (start: number, end: number) => number
  /** A word for a level, or a name of a member that tells it: up to 16 small letters. */
  readonly addWord: (start: number, end: number, meaning: number) => void
  /** The first address that is free. */
  readonly FREE: Constant
  readonly GROUPS: Constant
  readonly GUARD: Constant
  readonly HELD: Constant
  readonly PROGRAM: Constant
  readonly RECORD_IDS: Constant
  readonly ROW_COUNT: Constant
  readonly ROWS: Constant
  readonly RUN: Constant
  readonly SCAN: Constant
  readonly SETTINGS: Constant
  readonly SUSPECTS: Constant
}

/** Stands beside this file, or beside the program that this file was bundled into. */
const location = new URL('./kernel.wasm', import.meta.url)

/** Throws when the module was not built. */
export function instantiateAssembly(memory: WebAssembly.Memory): AssemblyExports {
  return instantiate(location, memory) as AssemblyExports
}
