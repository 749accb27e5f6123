import type { LogFile } from '../model/log-file.ts'
import type { HeldLine } from './held-line.ts'

/** The lines of a stream that wait for their followers, while the kernel has another lane's. */
export class HeldGroup {
  /** What the kernel has of it, but for bodies. Its addresses hold in the kernel's place for that stream only. */
  struct: Uint8Array = new Uint8Array(0)
  /** By the kernel's slots, what is in use of them; see kernel/layout.ts. */
  slots: readonly (HeldLine | undefined)[] = []

  /** When its last line was read, in monotonic milliseconds. */
  changedMs = 0

  /** Its first byte in that file; undefined if it has none there. Positions do not pass this. */
  startIn(file: LogFile): number | undefined {
    const starts = this.slots.flatMap((slot) => slot?.starts.get(file) ?? [])
    return starts.length === 0 ? undefined : Math.min(...starts)
  }

  /** The files that have a part of it. */
  files(): LogFile[] {
    return this.slots.flatMap((slot) => (slot === undefined ? [] : [...slot.starts.keys()]))
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.slots.reduce((sum, slot) => sum + (slot?.body.length ?? 0), 0)
  }
}
