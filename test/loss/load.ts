/** What the writer writes, as `--load` on its command line has it. */
export interface Load {
  /** Stands for `/var/log`. */
  readonly root: string
  readonly seconds: number
  /** Of the noisy container. */
  readonly linesPerSecond: number
  readonly quietContainers: number
  /** Of each of the quiet ones. */
  readonly quietLinesPerSecond: number
  /** Of the noisy container's log; seconds. */
  readonly rotateEvery: number
  readonly maxLogFiles: number
  /** Whether some records are stack traces. */
  readonly hasTraces: boolean
  /** The kubelet's steps: today's, or those of kubernetes#139700, in which the log is `….tmp` until the runtime writes to the next. */
  readonly rotation: 'rename' | 'tmp'
}

/** From the writer, beside the objects of its pods for the API. */
export type WriterMessage =
  | { readonly is: 'upsert' | 'delete'; readonly object: object }
  | { readonly is: 'ready'; readonly paths: readonly string[] }
  /** All is written; how many records of each container, the noisy one first; how many lines; the longest pause between two writes in milliseconds. */
  | {
      readonly is: 'written'
      readonly records: readonly number[]
      readonly lines: number
      readonly rotations: number
      readonly pauseMs: number
    }

/** In the first line of each record: which container wrote it, its number there, and when, in milliseconds since 1970. */
export function mark(container: number, sequence: number, timeMs: number): string {
  return `@${container}:${sequence}:${timeMs.toFixed(1)}`
}

/** Milliseconds since 1970, in fractions, the same in all processes of a machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now()
}
