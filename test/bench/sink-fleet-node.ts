import { Delivery } from '../../src/delivery/delivery.ts'
import { ndjson } from '../../src/formats/ndjson.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Batch } from '../../src/model/batch.ts'
import type { Transport } from '../../src/model/sink.ts'

const ENTRY_BYTES = 4096
/** Entries of a full batch: 1 MiB. */
const MOST_ENTRIES = 256
/** Milliseconds between two looks at a log. */
const LOOK_MS = 1000

const bytes = Buffer.alloc(ENTRY_BYTES * MOST_ENTRIES, 0x20)
const ends = Uint32Array.from({ length: MOST_ENTRIES }, (_, index) => (index + 1) * ENTRY_BYTES)
/** By their number of entries. All nodes share them, since nobody looks at what is in them. */
const batches = Array.from({ length: MOST_ENTRIES + 1 }, (_, entryCount) => batchOf(entryCount))
const log = { debug() {}, info() {}, warn() {}, error() {} }

function batchOf(entryCount: number): Batch {
  const heads = [{ head: new Uint8Array(0), to: entryCount }]
  const own = { bytes: bytes.subarray(0, entryCount * ENTRY_BYTES), ends: ends.subarray(0, entryCount) }
  return { heads, partition: '', bury: () => {}, entryCount, positions: new Map(), ...own }
}

/** A node whose containers write at a fixed rate, with the agent's own delivery. */
export class FleetNode {
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  readonly #delivery: Delivery
  #readBytes = 0

  constructor(clock: Clock, { transport, bytesPerSecond }: { transport: Transport; bytesPerSecond: number }) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    const deadLetter = { path: '/nowhere/letters', maxBytes: 1 << 20 }
    const sink = { name: 'fleet', format: ndjson, transport, compression: 'none', retryFor: 0, deadLetter } as const
    this.#delivery = new Delivery(sink, { clock, log, onAck: () => this.#fill(MOST_ENTRIES) })
  }

  /** Bytes that it has not delivered, those in flight included. */
  get backlog(): number {
    return this.#writtenBytes - this.#delivery.counters.bytes
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#fill(1)
      await this.#clock.sleep(LOOK_MS, signal)
    }
    await this.#delivery.close()
  }

  get #writtenBytes(): number {
    return (this.#clock.monotonic() / 1000) * this.#bytesPerSecond
  }

  /** Sends what there is, while there is a slot and as many entries. */
  #fill(least: number): void {
    while (this.#delivery.isFree('')) {
      const count = Math.min(MOST_ENTRIES, Math.floor((this.#writtenBytes - this.#readBytes) / ENTRY_BYTES))
      const batch = batches[count]
      if (count < least || batch === undefined) return
      this.#readBytes += count * ENTRY_BYTES
      this.#delivery.send(batch)
    }
  }
}
