import * as zlib from 'node:zlib'
import { compressor } from '../../src/delivery/compression.ts'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { corpora } from './corpora.ts'
import { logBlock } from './log-block.ts'

// What compressing 1 MiB of entries takes: `node test/bench/compression.ts`. CPU of all threads, medians, each in turn.

const BODIES = 40
const ROUNDS = 15

const ref = { namespace: 'shop', pod: 'web', container: 'app', uid: 'u', restartCount: 0, containerID: undefined }
const labels = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`app.kubernetes.io/name-${index}`, `value-${index * 7919}`]),
)
const kubernetes = { namespace: 'shop', pod: 'web-6d4cf56db6-x2x9z', container: 'web', node: 'node-1', labels }
const program = compileLoggy({ fields: {}, kubernetes }, { hasIds: false })

/** Entries of the mixed corpus, one batch each. */
function bodies(): Buffer[] {
  const pipeline = new Pipeline({ maxLineBytes: 1 << 20, batches: 1 }, systemClock)
  pipeline.configure({ json: false, minLevel: 'trace', level: 'auto' })
  const batch = pipeline.newBatch()
  return Array.from({ length: BODIES }, (_, index) => {
    const { writing, runtime } = corpora.mixed
    const { bytes } = logBlock(writing, { runtime, seed: index + 1, byteCount: 900 * 1024 })
    pipeline.encode({ file: { path: '' }, bytes, offset: 0, isFinal: false }, new Lane({ ref }, program), batch)
    const body = Buffer.from(batch.bytes.subarray(0, batch.used))
    batch.clear()
    return body
  })
}

function viaZlib(level: number): (body: Uint8Array) => Promise<Uint8Array> {
  const options = { level, flush: zlib.constants.Z_FINISH, chunkSize: 256 * 1024 }
  const stream = zlib.createGzip(options) as zlib.Gzip & zlib.ZlibReset
  const pieces: Buffer[] = []
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  return (body) =>
    new Promise((resolve, reject) => {
      stream.write(body, (error) => {
        if (error) reject(error)
        stream.reset()
        resolve(Buffer.concat(pieces.splice(0)))
      })
    })
}

const ways = { gzip: compressor('gzip'), 'zlib, level 1': viaZlib(1), 'zstd, level 1': compressor('zstd') }
const all = bodies()
const plainBytes = all.reduce((sum, { length }) => sum + length, 0)
const taken = Object.keys(ways).map(() => ({ microseconds: [] as number[], bytes: 0 }))
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [index, compress] of Object.values(ways).entries()) {
    const way = taken[index] as (typeof taken)[number]
    const before = process.cpuUsage()
    way.bytes = 0
    for (const body of all) way.bytes += (await compress(body)).length
    const { user, system } = process.cpuUsage(before)
    way.microseconds.push(user + system)
  }
}
for (const [index, name] of Object.keys(ways).entries()) {
  const { microseconds, bytes } = taken[index] as (typeof taken)[number]
  const median = microseconds.toSorted((a, b) => a - b)[ROUNDS >> 1] as number
  const share = ((bytes / plainBytes) * 100).toFixed(2)
  process.stdout.write(`${name}: ${(plainBytes / median).toFixed(0)} MB per CPU second, ${share} % of the bytes\n`)
}
