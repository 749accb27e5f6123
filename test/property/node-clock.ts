import { renameSync, writeFileSync } from 'node:fs'
import { localTime } from '../../src/simulation/log-rotation.ts'

/** Seconds between two rotations of a log at the least, of which a clock that is set must leave something to see; the kubelet looks every 10 s. */
const ROTATION_SECONDS = 10

/** The time that a node's runtime and kubelet write, on lines and in names. */
export class NodeClock {
  readonly #isStepping: boolean
  readonly #path: string
  #offsetMs = 0
  #count = 0

  /** `stepping`: it is set now and then, so rotations are as far apart as on a real node. `path`: a file for `stepped-clock.ts`. */
  constructor(kind: 'steady' | 'stepping', path: string) {
    this.#isStepping = kind === 'stepping'
    this.#path = path
    this.set(0)
  }

  get isStepping(): boolean {
    return this.#isStepping
  }

  set(bySeconds: number): void {
    this.#offsetMs += bySeconds * 1000
    writeFileSync(`${this.#path}.new`, String(this.#offsetMs))
    renameSync(`${this.#path}.new`, this.#path)
  }

  /** Nanoseconds since 1970, for a line. */
  readonly nanoseconds = (): bigint => {
    this.#count = (this.#count + 1) % 1_000_000
    return BigInt(Date.now() + this.#offsetMs) * 1_000_000n + BigInt(this.#count)
  }

  /** A path for the next rotated file; `others`: those of the log's other rotated files, by name. */
  rotatedPath(logPath: string, others: readonly string[]): string {
    if (this.#isStepping) this.set(ROTATION_SECONDS)
    const taken = others.map((path) => path.replace(/\.gz$/, ''))
    const newest = taken.at(-1) ?? ''
    const time = new Date(Date.now() + this.#offsetMs)
    // No two rotations are in one second; here the second moves on instead.
    for (;;) {
      const path = `${logPath}.${localTime(time)}`
      if (this.#isStepping ? !taken.includes(path) : path > newest) return path
      time.setSeconds(time.getSeconds() + 1)
    }
  }
}
