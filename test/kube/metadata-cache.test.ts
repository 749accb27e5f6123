import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type KeptKeys, MetadataCache } from '../../src/kube/metadata-cache.ts'
import { MAXIMUM_STORED_BYTES, type StoredMetadata } from '../../src/kube/stored-metadata.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { podWith } from '../support/pod.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { ManualClock, RecordingLog, until } from './support.ts'

/** Milliseconds; more than it takes until a change is written, and less than until a failed write is tried again. */
const WRITTEN_MS = 5000
const RETRIED_MS = 10_000

const all: KeptKeys = { label: () => true, annotation: () => 'whole', rules: 'all' }
const web = podWith(
  { team: 'payments' },
  {
    podIP: '10.0.0.1',
    configHash: 'a'.repeat(32),
    owner: { kind: 'Deployment', name: 'web' },
    labels: { app: 'web' },
    longAnnotations: ['state'],
    containers: new Map([
      ['app', { kind: 'container', image: 'web:1', containerID: 'ab', restartCount: 2, isRunning: true }],
      ['setup', { kind: 'init', image: 'setup:1', containerID: undefined, restartCount: undefined }],
    ]),
  },
)

function setUp(t: TestContext, { pods = [web] }: { readonly pods?: readonly PodRecord[] } = {}) {
  const clock = new ManualClock()
  const log = new RecordingLog()
  const path = join(temporaryDirectory(t), 'state', 'metadata.cache')
  const open = (about: { readonly node?: string; readonly kept?: KeptKeys } = {}) =>
    new MetadataCache({ path, node: 'node-1', kept: all, clock, log, ...about })
  const metadata: StoredMetadata = {
    pods,
    namespaces: [{ name: 'shop', labels: { tier: 'gold' } }],
    nodes: [{ name: 'node-1', labels: { zone: 'a' } }],
  }
  /** What an agent does in its life. */
  const store = async (kept = all, what: StoredMetadata | undefined = metadata) => {
    const cache = open({ kept })
    cache.follow(() => what)
    cache.changed()
    await cache.close()
  }
  const texts = () => log.entries.map(({ text }) => text)
  return { clock, log, path, open, store, metadata, texts }
}

describe('what is known of pods', () => {
  test('is read as it was stored, and marked', async (t) => {
    const { open, store, metadata } = setUp(t)
    await store()
    const { damaged, ...stored } = (await open().read()) as StoredMetadata & { readonly damaged: number }
    const marked = <T extends object>(records: readonly T[]) => records.map((record) => ({ ...record, isCached: true }))
    assert.deepEqual(stored, {
      pods: marked(metadata.pods),
      namespaces: marked(metadata.namespaces),
      nodes: marked(metadata.nodes),
    })
    assert.equal(damaged, 0)
  })

  test('is for the agent alone to read, also where a file was left over', async (t) => {
    const { path, store } = setUp(t)
    mkdirSync(join(path, '..'))
    writeFileSync(`${path}.tmp`, 'left', { mode: 0o644 })
    await store()
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  test('is not used on another node, nor by other rules', async (t) => {
    const { open, store, texts } = setUp(t)
    await store()
    assert.equal(await open({ node: 'node-2' }).read(), undefined)
    assert.equal(await open({ kept: { ...all, rules: 'fewer' } }).read(), undefined)
    assert.deepEqual(
      new Set(texts()),
      new Set(['info stored metadata of pods is not used: it is of another node or configuration']),
    )
  })

  test('has no label or annotation that neither entries nor selection need', async (t) => {
    const { path, open, store } = setUp(t, {
      pods: [
        podWith(
          { team: 'a', secret: 'x', big: 'y' },
          { labels: { app: 'web', hidden: 'z' }, longAnnotations: ['state'] },
        ),
      ],
    })
    const kept: KeptKeys = {
      label: (key) => key === 'app',
      annotation: (key) => (({ team: 'whole', big: 'key' }) as const)[key as 'team'] ?? 'nothing',
      rules: 'few',
    }
    await store(kept)
    const [pod] = (await open({ kept }).read())?.pods ?? []
    assert.deepEqual(pod?.labels, { app: 'web' })
    assert.deepEqual(pod?.annotations, { team: 'a' })
    assert.deepEqual(pod?.longAnnotations, ['big'])
    assert.doesNotMatch(readFileSync(path, 'utf8'), /secret|hidden|"y"/)
  })

  test('is not overwritten by an agent that knows nothing', async (t) => {
    const { open, store } = setUp(t)
    await store()
    await store(all, undefined)
    assert.equal((await open().read())?.pods.length, 1)
  })

  test('is written once for many changes, and not again while it is the same', async (t) => {
    const { clock, path, open, metadata } = setUp(t)
    const cache = open()
    let asked = 0
    cache.follow(() => {
      asked += 1
      return metadata
    })
    for (let change = 0; change < 100; change += 1) cache.changed()
    assert.equal(asked, 0)
    clock.advance(WRITTEN_MS)
    await until(() => statSync(path, { throwIfNoEntry: false }) !== undefined)
    assert.equal(asked, 1)
    rmSync(path)
    cache.changed()
    await cache.close()
    assert.equal(asked, 2)
    assert.equal(statSync(path, { throwIfNoEntry: false }), undefined)
  })

  test('is never larger than its bound', async (t) => {
    const annotations = { big: 'x'.repeat(100_000) }
    const pods = Array.from({ length: 200 }, (_, number) => podWith(annotations, { uid: `u${number}` }))
    const { path, open, store } = setUp(t, { pods })
    await store()
    assert.ok(statSync(path).size <= MAXIMUM_STORED_BYTES)
    const stored = await open().read()
    assert.ok(stored !== undefined && stored.pods.length > 50 && stored.pods.length < 200)
  })
})

describe('a file that is damaged', () => {
  test('costs the pods on the damaged lines, wherever a byte is another', async (t) => {
    const { path, open, store } = setUp(t, { pods: [web, podWith({}, { uid: 'v', name: 'other' })] })
    await store()
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      writeFileSync(path, damaged)
      const pods = (await open().read())?.pods ?? []
      for (const { uid, isCached, ...pod } of pods) {
        assert.ok(isCached)
        assert.equal(pod.name, { u: 'web', v: 'other' }[uid])
      }
      assert.ok(pods.length <= 2)
    }
  })

  test('by a power cut has what it has', async (t) => {
    const { path, open, store, texts } = setUp(t)
    await store()
    const whole = readFileSync(path)
    for (let length = 0; length < whole.length; length += 11) {
      writeFileSync(path, whole.subarray(0, length))
      const pods = (await open().read())?.pods ?? []
      for (const { uid } of pods) assert.equal(uid, 'u')
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(100)]))
    assert.equal((await open().read())?.pods.length, 1)
    assert.ok(texts().includes('warn stored metadata of pods is damaged'))
  })

  test('or is none, or is too large, is not used', async (t) => {
    const { path, open, store, texts } = setUp(t)
    await store()
    appendFileSync(path, Buffer.alloc(MAXIMUM_STORED_BYTES))
    assert.equal(await open().read(), undefined)
    rmSync(path)
    assert.equal(await open().read(), undefined)
    mkdirSync(path)
    assert.equal(await open().read(), undefined)
    assert.deepEqual(texts(), Array(2).fill('warn stored metadata of pods cannot be read'))
  })
})

test('where it cannot be written, it is told once, counted, and tried again', async (t) => {
  const { clock, path, open, metadata, texts } = setUp(t)
  const folder = join(path, '..')
  writeFileSync(folder, 'no folder')
  const cache = open()
  cache.follow(() => metadata)
  cache.changed()
  clock.advance(WRITTEN_MS)
  await until(() => cache.failures === 1)
  await until(() => clock.sleeperCount === 1)
  clock.advance(RETRIED_MS)
  await until(() => cache.failures === 2)
  assert.deepEqual(texts(), ['warn metadata of pods cannot be stored; retrying'])
  rmSync(folder)
  await until(() => clock.sleeperCount === 1)
  clock.advance(2 * RETRIED_MS)
  await until(() => texts().includes('info metadata of pods is stored again'))
  await cache.close()
  assert.equal((await open().read())?.pods.length, 1)
})
