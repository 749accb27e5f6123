import { rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { openPipe } from './destination.ts'
import { sharedNowMs } from './shared-clock.ts'

const NEWLINE = 0x0a
const MARK = '"log":"@'

/** Told which load a marked line is of, when it was written, and when its entry's last byte came out; by the shared clock. */
export type OnArrival = (load: number, writtenMs: number, arrivedMs: number) => void

/** The reading end of an agent's standard output. */
export class EntryPipe {
  /** For the agent; ours is to be closed once it has it. */
  readonly writer: number
  entries = 0
  /** When the first entry came, in milliseconds of `performance.now()`; undefined: not yet. */
  firstMs: number | undefined
  readonly #socket: Socket
  readonly #onArrival: OnArrival
  #rest: Buffer = Buffer.alloc(0)

  /** `onArrival` is told each entry of a marked line. */
  constructor(root: string, onArrival: OnArrival = () => {}) {
    const { path, reader, writer } = openPipe(root)
    rmSync(path)
    this.writer = writer
    this.#onArrival = onArrival
    this.#socket = new Socket({ fd: reader, readable: true, writable: false })
    this.#socket.on('data', this.#take.bind(this))
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    const arrivedMs = sharedNowMs()
    this.firstMs ??= performance.now()
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#takeEntry(bytes.subarray(start, end), arrivedMs)
      start = end + 1
    }
    this.#rest = Buffer.from(bytes.subarray(start))
  }

  #takeEntry(entry: Buffer, arrivedMs: number): void {
    this.entries += 1
    const at = entry.indexOf(MARK)
    if (at < 0) return
    const mark = entry.toString('latin1', at + MARK.length, entry.indexOf(' ', at))
    const [load, writtenMs] = mark.split(':').map(Number)
    if (load !== undefined && writtenMs !== undefined) this.#onArrival(load, writtenMs, arrivedMs)
  }
}
