import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ContainerInstance } from '../../src/simulation/container-instance.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { type Load, mark, preciseNow, type WriterMessage } from './load.ts'

// A process of its own: one noisy container whose log is rotated, some quiet ones, and the kubelet that does it.

/** Milliseconds between two writes; each writes what has become due. */
const TICK_MS = 10
const FILLER = ' GET /api/v1/orders/81723 200 12ms "Mozilla/5.0 (X11; Linux x86_64)"'

/** One container that writes at a steady rate, whatever hinders the process for a moment. */
class SteadyWriter {
  written = 0
  readonly #instance: ContainerInstance
  readonly #number: number
  readonly #linesPerSecond: number

  constructor(instance: ContainerInstance, options: { number: number; linesPerSecond: number }) {
    this.#instance = instance
    this.#number = options.number
    this.#linesPerSecond = options.linesPerSecond
  }

  writeUntil(elapsedMs: number): void {
    const due = Math.floor((elapsedMs / 1000) * this.#linesPerSecond)
    if (due <= this.written) return
    const now = preciseNow()
    const time = new Date(now).toISOString().slice(0, -1)
    let block = ''
    for (; this.written < due; this.written += 1) {
      block += `${time}${String(this.written % 1_000_000).padStart(6, '0')}Z stdout F ${mark(this.#number, this.written, now)}${FILLER}\n`
    }
    this.#instance.log.append(Buffer.from(block))
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
let nextRotationMs = load.rotateEvery * 1000
for (let elapsedMs = 0; elapsedMs < load.seconds * 1000; elapsedMs = preciseNow() - startMs) {
  for (const writer of writers) writer.writeUntil(elapsedMs)
  if (elapsedMs >= nextRotationMs && instances[0] !== undefined) {
    nextRotationMs += load.rotateEvery * 1000
    rotations += 1
    const [noisy] = instances
    rotating = rotating.then(() => rotate(noisy))
  }
  await sleep(TICK_MS)
}
await rotating
say({ is: 'written', lines: writers.map(({ written }) => written), rotations })
await compressor.terminate()
process.disconnect?.()
