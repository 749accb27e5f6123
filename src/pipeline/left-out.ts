/**
 * Lines of a container that were left out, and that no record has told of yet. What batches settle meanwhile is stored only once that record is
 * acked: so a crash forgets none of them silently.
 */
export class LeftOut {
  /** Since when, in monotonic milliseconds. */
  readonly sinceMs: number
  lines = 0
  bytes = 0
  #isTold = false
  readonly #waiting: (() => void)[] = []

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs
  }

  add(lines: number, bytes: number): void {
    this.lines += lines
    this.bytes += bytes
  }

  /** Calls when the record that tells of them is acked: at once, if it is. */
  whenTold(call: () => void): void {
    if (this.#isTold) call()
    else this.#waiting.push(call)
  }

  /** Call when that record is acked. */
  tell(): void {
    this.#isTold = true
    for (const call of this.#waiting.splice(0)) call()
  }
}
