import type { Lane } from './lane.ts'

const NONE: readonly Lane[] = []

/** The lanes with lines that wait for followers, the one that waits longest first. */
export class WaitingLanes {
  readonly #lanes = new Map<Lane, { readonly groups: readonly unknown[]; readonly bytes: number }>()
  #bytes = 0

  /** Call when the lane's waiting lines may have changed. */
  note(lane: Lane): void {
    const known = this.#lanes.get(lane)
    const { stdout, stderr } = lane.groups
    if (known === undefined && stdout === undefined && stderr === undefined) return // usual
    const bytes = lane.groupBytes
    this.#bytes += bytes - (known?.bytes ?? 0)
    // What began to wait anew comes last.
    if (known?.groups[0] !== stdout || known?.groups[1] !== stderr) this.#lanes.delete(lane)
    if (stdout === undefined && stderr === undefined) this.#lanes.delete(lane)
    else this.#lanes.set(lane, { groups: [stdout, stderr], bytes })
  }

  forget(lane: Lane): void {
    this.#bytes -= this.#lanes.get(lane)?.bytes ?? 0
    this.#lanes.delete(lane)
  }

  /** The first ones, as long as all together have more than so many bytes. */
  beyond(bytes: number): Iterable<Lane> {
    return this.#bytes <= bytes ? NONE : this.#longest(bytes)
  }

  *#longest(bytes: number): Generator<Lane> {
    for (const lane of this.#lanes.keys()) {
      if (this.#bytes <= bytes) return
      yield lane
    }
  }
}
