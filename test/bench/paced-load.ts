/** Lines at a steady rate, each to the next of some logs. */
export interface PacedLoad {
  readonly paths: readonly string[]
  /** To all of them together. */
  readonly linesPerSecond: number
  /** Instead of a line each time, so many at once, of so many bytes each; only the last one is marked. */
  readonly block?: { readonly lines: number; readonly lineBytes: number } | undefined
}

/** What the paced writer is told on its command line. */
export interface PacedWriting {
  readonly loads: readonly PacedLoad[]
  readonly seconds: number
}

/** What it tells when it is done: how many marked lines of each load it has written. */
export interface PacedWritten {
  readonly lines: readonly number[]
}

/** For a block's last line, always of the same length. */
export function fixedMark(load: number, atMs: number): string {
  return `~${load}:${atMs.toFixed(4).padStart(20, '0')} `
}

/** Begins each line: its load and when it was written, by the shared clock. */
export function mark(load: number, atMs: number): string {
  return `~${load}:${atMs.toFixed(4)} `
}
