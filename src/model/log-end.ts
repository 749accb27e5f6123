/** The end of a log file. */
export interface LogEnd {
  readonly path: string
  /** Whole lines. */
  readonly bytes: Buffer
  /** Where they begin in the file. */
  readonly offset: number
}
