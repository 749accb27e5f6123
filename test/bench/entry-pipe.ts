import { rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { openPipe } from './destination.ts'
import { sharedNowMs } from './shared-clock.ts'

const NEWLINE = 0x0a
/** Of one read, always into the same buffer: with a new one for each read, at 200 MB/s, collecting them stopped this process for 20 ms twice a second. */
const READ_BYTES = 64 * 1024
/** Begins a mark, and is nowhere else: to find a single byte is to look at 10 GB/s. */
const MARK = 0x7e

/** Told which load a marked line is of, when it was written, and when its entry's last byte came out; by the shared clock. */
export type OnArrival = (load: number, writtenMs: number, arrivedMs: number) => void

/** The reading end of an agent's standard output. It looks at marked lines only: to cut 100 MB/s into entries took most of a core, and made all of them late. */
export class EntryPipe {
  /** For the agent; ours is to be closed once it has it. */
  readonly writer: number
  /** Of marked lines. */
  entries = 0
  /** When the first bytes came, in milliseconds of `performance.now()`; undefined: not yet. */
  firstMs: number | undefined
  readonly #socket: Socket
  readonly #onArrival: OnArrival
  /** A marked entry without its end. */
  #rest: Buffer = Buffer.alloc(0)

  /** `onArrival` is told each entry of a marked line. */
  constructor(root: string, onArrival: OnArrival = () => {}) {
    const { path, reader, writer } = openPipe(root)
    rmSync(path)
    this.writer = writer
    this.#onArrival = onArrival
    const buffer = Buffer.alloc(READ_BYTES)
    const onread = {
      buffer,
      callback: (byteCount: number) => {
        this.#take(buffer.subarray(0, byteCount))
        return true
      },
    }
    this.#socket = new Socket({ fd: reader, readable: true, writable: false, onread })
    this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    const arrivedMs = sharedNowMs()
    this.firstMs ??= performance.now()
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = bytes.indexOf(MARK)
    for (; at >= 0; at = bytes.indexOf(MARK, at + 1)) {
      if (bytes.indexOf(NEWLINE, at) < 0) break
      this.#takeEntry(bytes, at + 1, arrivedMs)
    }
    this.#rest = Buffer.from(bytes.subarray(at < 0 ? bytes.length : at))
  }

  #takeEntry(bytes: Buffer, from: number, arrivedMs: number): void {
    this.entries += 1
    const mark = bytes.toString('latin1', from, bytes.indexOf(' ', from))
    const [load, writtenMs] = mark.split(':').map(Number)
    if (load !== undefined && writtenMs !== undefined) this.#onArrival(load, writtenMs, arrivedMs)
  }
}
