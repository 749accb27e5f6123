import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import { Source } from '../../src/source/source.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const [oldID, newID] = ['a'.repeat(64), 'b'.repeat(64)]
const linkName = (id: string) => `web_shop_app-${id}.log`

test('the link that leads there by another path has its turn first: it goes on where the old one was left', async (t) => {
  const { path, folder, link, read } = await setUp(t)
  appendFileSync(path, 'first\n')
  link(oldID, path)
  assert.deepEqual(await read([oldID]), ['first'])
  const detour = join(folder, '1.log')
  symlinkSync('0.log', detour)
  link(newID, detour)
  appendFileSync(path, 'second\n')
  assert.deepEqual(await read([newID, oldID]), ['second'])
})

/** A folder of links; `read` is one run, which gives turns to one log after the other, and settles what it reads. */
async function setUp(t: TestContext) {
  const root = temporaryDirectory(t)
  const [directory, folder] = [join(root, 'containers'), join(root, 'pods/shop_web_1234/app')]
  mkdirSync(directory)
  mkdirSync(folder, { recursive: true })
  const log = recordedLog()
  const checkpoints = await CheckpointStore.open(join(root, 'state'), { clock: systemClock, log, graceMs: 60_000 })
  t.after(() => checkpoints.close())
  const link = (id: string, target: string) => symlinkSync(target, join(directory, linkName(id)))

  async function read(ids: readonly string[]): Promise<string[]> {
    const source = new Source(
      { directory, startAt: 'beginning', held: { maxBytes: 1e9, maxFiles: 1000 }, descriptorLimit: Infinity },
      { admission: { admit: () => ({ kind: 'read' }) }, checkpoints, clock: systemClock, log },
    )
    await source.start()
    const lines: string[] = []
    for (const [index] of ids.entries()) {
      const canTake = ({ containerID }: ContainerRef) => ids.slice(0, index + 1).includes(containerID ?? '')
      lines.push(...(await readThose(source, canTake)))
    }
    await source.close()
    return lines
  }

  async function readThose(source: Source, canTake: (ref: ContainerRef) => boolean): Promise<string[]> {
    const lines: string[] = []
    source.release()
    while (source.readyCount > 0) {
      const taken = await source.take(new Uint8Array(1 << 20), canTake)
      if (taken?.turn.kind !== 'chunk') continue
      const { bytes, offset, file } = taken.turn.chunk
      lines.push(...Buffer.from(bytes).toString().trimEnd().split('\n'))
      await source.consume(taken.log, { byteCount: bytes.length, isBatchFull: false })
      const settling = { from: offset, to: offset + bytes.length }
      if (file.key !== undefined) checkpoints.advance(file.key, { stdout: settling, stderr: settling })
    }
    return lines
  }

  return { path: join(folder, '0.log'), folder, link, read }
}
