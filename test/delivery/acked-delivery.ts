import { Delivery, type Sink } from '../../src/delivery/delivery.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Batch } from '../../src/model/batch.ts'
import type { Log } from '../../src/model/log.ts'
import { lineEnds } from '../support/line-ends.ts'

/** A delivery whose acks can be awaited. */
export class AckedDelivery {
  readonly delivery: Delivery
  readonly acked: Batch[] = []

  constructor(sink: Sink, parts: { readonly clock: Clock; readonly log: Log }) {
    this.delivery = new Delivery(sink, { ...parts, onAck: (batch) => this.acked.push(batch) })
  }

  get counters() {
    return this.delivery.counters
  }

  /** Resolves with the ack; rejects when the delivery has failed. */
  async write(batch: Batch): Promise<void> {
    this.delivery.send(batch)
    while (!this.acked.includes(batch)) {
      this.delivery.isFree(batch.partition) // throws when it has failed
      await this.delivery.changed()
    }
  }

  /** Resolves when another batch can be sent. */
  async free(): Promise<void> {
    while (!this.delivery.isFree('')) await this.delivery.changed()
  }

  /** Resolves when all is acked. */
  async drained(): Promise<void> {
    while (!this.delivery.isDrained) await this.delivery.changed()
  }

  close(): Promise<void> {
    return this.delivery.close()
  }
}

/** A batch of these lines, each without its newline. */
export function batchOfLines(lines: readonly string[], more: Partial<Pick<Batch, 'partition' | 'bury'>> = {}): Batch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const ends = lineEnds(bytes, lines.length)
  const fixed = { bytes, entryCount: lines.length, positions: new Map(), ends }
  const heads = [{ head: new Uint8Array(0), to: lines.length }]
  return { heads, partition: '', bury: () => {}, ...fixed, ...more }
}

/** Numbered entries that end to end make one text. */
export function batchOf(first: number, count: number, padding = 100): Batch {
  const text = 'x'.repeat(padding)
  return batchOfLines(Array.from({ length: count }, (_, index) => `{"n":${first + index},"log":"${text}"}`))
}

export function textOf(...batches: Batch[]): string {
  return batches.map(({ bytes }) => Buffer.from(bytes).toString('utf8')).join('')
}
