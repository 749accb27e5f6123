import { localTime } from '../../src/simulation/log-rotation.ts'

/** Milliseconds between two rotations of a log at the least, of which a clock that is set must leave something to see; the kubelet looks every 10 s. */
const ROTATION_MS = 10_000

/** The time that a node's runtime and kubelet write, on lines and in names. */
export class NodeClock {
  readonly #isStepping: boolean
  #offsetMs = 0
  #count = 0

  /** `stepping`: it is set now and then, so rotations are as far apart as on a real node. */
  constructor(kind: 'steady' | 'stepping') {
    this.#isStepping = kind === 'stepping'
  }

  get isStepping(): boolean {
    return this.#isStepping
  }

  set(bySeconds: number): void {
    this.#offsetMs += bySeconds * 1000
  }

  /** Nanoseconds since 1970, for a line. */
  readonly nanoseconds = (): bigint => {
    this.#count = (this.#count + 1) % 1_000_000
    return BigInt(Date.now() + this.#offsetMs) * 1_000_000n + BigInt(this.#count)
  }

  /** A path for the next rotated file; `others`: those of the log's other rotated files, by name. */
  rotatedPath(logPath: string, others: readonly string[]): string {
    if (this.#isStepping) this.#offsetMs += ROTATION_MS
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
