import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ContainerInstance } from '../../src/simulation/container-instance.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { type Load, mark, preciseNow, type WriterMessage } from './load.ts'
import { isApart, traceOf } from './loss-traces.ts'

// A process of its own: one noisy container whose log is rotated, some quiet ones, and the kubelet that does it.

/** Milliseconds between two writes; each writes what has become due. */
const TICK_MS = 10
const FILLER = ' GET /api/v1/orders/81723 200 12ms "Mozilla/5.0 (X11; Linux x86_64)"'

/** One container that writes at a steady rate, whatever hinders the process for a moment. */
class SteadyWriter {
  /** Lines. */
  written = 0
  records = 0
  readonly #instance: ContainerInstance
  readonly #number: number
  readonly #linesPerSecond: number
  /** What is left of traces: of one on stdout, and of one on stderr, where each line comes behind a usual one. */
  #rest: string[] = []
  readonly #apart: string[] = []
  #isTurnOfApart = false

  constructor(instance: ContainerInstance, options: { number: number; linesPerSecond: number }) {
    this.#instance = instance
    this.#number = options.number
    this.#linesPerSecond = options.linesPerSecond
  }

  writeUntil(elapsedMs: number): void {
    this.#write(Math.floor((elapsedMs / 1000) * this.#linesPerSecond) - this.written)
  }

  /** Ends what is begun. */
  finish(): void {
    while (this.#rest.length + this.#apart.length > 0) this.#write(1)
  }

  /** A trace may be cut here, to go on with the next call, in which the log may be another file. */
  #write(count: number): void {
    const now = preciseNow()
    const time = new Date(now).toISOString().slice(0, -1)
    let block = ''
    for (let left = count; left > 0; left -= 1) {
      block += `${time}${String(this.written % 1_000_000).padStart(6, '0')}Z ${this.#next(now)}\n`
      this.written += 1
    }
    if (block !== '') this.#instance.log.append(Buffer.from(block))
  }

  #next(now: number): string {
    if (this.#apart.length > 0 && this.#isTurnOfApart) {
      this.#isTurnOfApart = false
      return `stderr F ${this.#apart.shift()}`
    }
    this.#isTurnOfApart = true
    const line = this.#rest.shift() ?? this.#begin(now)
    return `stdout F ${line}`
  }

  /** The first line of the next record on stdout. */
  #begin(now: number): string {
    const place = mark(this.#number, this.records, now)
    const trace = load.hasTraces ? traceOf(this.records, place) : undefined
    const isLater = trace !== undefined && isApart(this.records)
    this.records += 1
    if (trace === undefined) return `${place}${FILLER}`
    if (isLater) {
      this.#apart.push(...trace)
      return this.#begin(now)
    }
    const [first = '', ...rest] = trace
    this.#rest = rest
    return first
  }
}

const load: Load = JSON.parse(process.argv[2] ?? '')
const say = (message: WriterMessage) => process.send?.(message)
const api = {
  upsert: (object: object) => say({ is: 'upsert', object }),
  delete: (object: object) => say({ is: 'delete', object }),
}
const kubelet = new Kubelet(load.root, api, { maxLogFiles: load.maxLogFiles })
const instances = Array.from({ length: 1 + load.quietContainers }, (_, number) =>
  kubelet
    .startPod({
      namespace: 'shop',
      name: number === 0 ? 'noisy' : `quiet-${number}`,
      labels: { app: number === 0 ? 'noisy' : 'quiet', tier: 'backend' },
      annotations: { team: 'payments' },
      containers: [{ name: 'app', image: 'shop/app:1.2.3' }],
    })
    .container(),
)
const compressor = new Worker(new URL('compressor.ts', import.meta.url))

/** The kubelet's steps in their order. Compression is another process on a real node, and another thread here. */
async function rotate(instance: ContainerInstance): Promise<void> {
  const rotation = instance.rotation()
  rotation.removeLeftovers()
  rotation.removeOldest()
  for (const { source } of rotation.compressions()) {
    const done = new Promise((resolve) => compressor.once('message', resolve))
    compressor.postMessage(source)
    await done
  }
  if (load.rotation === 'tmp') rotation.setLogAside(new Date())
  else rotation.renameLog(new Date())
  rotation.reopenLog()
  if (load.rotation === 'tmp') {
    await sleep(TICK_MS) // so that agents meet that name, and start with it
    rotation.nameLog()
  }
  rotation.closePreviousLog()
}

const writers = instances.map((instance, number) => {
  const linesPerSecond = number === 0 ? load.linesPerSecond : load.quietLinesPerSecond
  return new SteadyWriter(instance, { number, linesPerSecond })
})

say({ is: 'ready', paths: instances.map(({ logPath }) => logPath) })
await new Promise((resolve) => process.once('message', resolve))

const startMs = preciseNow()
let rotations = 0
let rotating = Promise.resolve()
let [pauseMs, lastMs] = [0, startMs]
let nextRotationMs = load.rotateEvery * 1000
for (let elapsedMs = 0; elapsedMs < load.seconds * 1000; elapsedMs = preciseNow() - startMs) {
  pauseMs = Math.max(pauseMs, preciseNow() - lastMs)
  lastMs = preciseNow()
  for (const writer of writers) writer.writeUntil(elapsedMs)
  if (elapsedMs >= nextRotationMs && instances[0] !== undefined) {
    nextRotationMs += load.rotateEvery * 1000
    rotations += 1
    const [noisy] = instances
    rotating = rotating.then(() => rotate(noisy))
  }
  await sleep(TICK_MS)
}
for (const writer of writers) writer.finish()
await rotating
const lines = writers.reduce((sum, { written }) => sum + written, 0)
say({ is: 'written', records: writers.map(({ records }) => records), lines, rotations, pauseMs })
await compressor.terminate()
process.disconnect?.()
