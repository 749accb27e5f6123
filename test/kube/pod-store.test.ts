import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { PodStore } from '../../src/kube/pod-store.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'

const hash = 'a'.repeat(32)
const mirrorAnnotations = {
  'kubernetes.io/config.hash': hash,
  'kubernetes.io/config.mirror': hash,
  'kubernetes.io/config.source': 'file',
}

function pod(uid: string, fields: Partial<PodRecord> = {}): PodRecord {
  const base = { namespace: 'shop', name: 'web', node: 'n', podIP: undefined, configHash: undefined, owner: undefined }
  return { ...base, uid, labels: {}, annotations: {}, containers: new Map(), ...fields }
}

function ref(uid: string | undefined, fields: Partial<ContainerRef> = {}): ContainerRef {
  return { namespace: 'shop', pod: 'web', container: 'app', uid, restartCount: 0, containerID: undefined, ...fields }
}

const mirror = (uid: string) => pod(uid, { name: 'static-n', configHash: hash, annotations: mirrorAnnotations })

describe('PodStore', () => {
  let now = 0
  let changes = 0
  let store: PodStore
  beforeEach(() => {
    now = 1000
    changes = 0
    const clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
    store = new PodStore({ gracePeriodMs: 60_000, maximumDeletedPods: 10, maximumDeletedBytes: 50_000, clock })
    store.onChange(() => {
      changes += 1
    })
  })

  test('finds a pod by uid', () => {
    const web = pod('u1')
    store.apply('upsert', web)
    assert.equal(store.find(ref('u1', { pod: 'cut-short' })), web)
    assert.equal(store.find(ref('u2')), undefined)
  })

  test('finds a pod by name only where the path has no uid', () => {
    store.apply('upsert', pod('u1'))
    assert.equal(store.find(ref(undefined))?.uid, 'u1')
    assert.equal(store.find(ref(undefined, { namespace: 'other' })), undefined)
  })

  test('finds what is known from the disk by uid and config hash, never by name', () => {
    store.replace([pod('u1', { isCached: true }), { ...mirror('u2'), isCached: true }])
    assert.equal(store.find(ref('u1'))?.uid, 'u1')
    assert.equal(store.find(ref(hash, { pod: 'static-n' }))?.uid, 'u2')
    assert.equal(store.find(ref(undefined)), undefined)
    assert.equal(store.find(ref('my-own-uid', { pod: 'static-n' })), undefined)
    store.replace([])
    assert.equal(store.find(ref('u1'))?.uid, 'u1')
    assert.equal(store.find(ref(undefined)), undefined)
  })

  test('finds a static pod by the config hash in its path', () => {
    store.apply('upsert', mirror('u1'))
    assert.equal(store.find(ref(hash, { pod: 'static-n' }))?.uid, 'u1')
  })

  test('finds a static pod with a uid of its own by name, and only a static pod', () => {
    store.apply('upsert', mirror('u1'))
    store.apply('upsert', pod('u2', { name: 'plain', configHash: undefined }))
    assert.equal(store.find(ref('my-own-uid', { pod: 'static-n' }))?.uid, 'u1')
    assert.equal(store.find(ref('my-own-uid', { pod: 'plain' })), undefined)
  })

  test('does not take one revision of a static pod for another', () => {
    store.apply('upsert', mirror('u1'))
    assert.equal(store.find(ref('b'.repeat(32), { pod: 'static-n' })), undefined)
  })

  test('keeps a deleted pod for the grace period', () => {
    store.apply('upsert', pod('u1'))
    store.apply('delete', pod('u1', { podIP: '10.0.0.1' }))
    now += 59_999
    assert.equal(store.size, 0)
    assert.equal(store.find(ref('u1'))?.podIP, '10.0.0.1')
    now += 60_001
    assert.equal(store.find(ref('u1')), undefined)
  })

  test('keeps a deleted pod as long as someone asks for it', () => {
    store.apply('upsert', mirror('u1'))
    store.apply('delete', mirror('u1'))
    for (let i = 0; i < 5; i++) {
      now += 50_000
      assert.equal(store.find(ref(hash, { pod: 'static-n' }))?.uid, 'u1')
    }
  })

  test('forgets the oldest deleted pods when there are too many', () => {
    for (let i = 0; i < 100; i++) {
      store.apply('upsert', pod(`u${i}`, { name: `p${i}` }))
      store.apply('delete', pod(`u${i}`, { name: `p${i}` }))
    }
    assert.equal(store.find(ref('u0')), undefined)
    assert.equal(store.find(ref('u99'))?.uid, 'u99')
  })

  test('forgets the oldest deleted pods when their annotations are too much', () => {
    const large = (index: number) => pod(`u${index}`, { name: `p${index}`, annotations: { state: 'x'.repeat(20_000) } })
    for (let i = 0; i < 5; i++) {
      store.apply('upsert', large(i))
      store.apply('delete', large(i))
    }
    assert.equal(store.find(ref('u0')), undefined)
    assert.equal(store.find(ref('u4'))?.uid, 'u4')
  })

  test('prefers the living pod of a name, and still finds its predecessor by uid', () => {
    store.apply('upsert', pod('u1'))
    store.apply('delete', pod('u1'))
    assert.equal(store.find(ref(undefined))?.uid, 'u1')
    store.apply('upsert', pod('u2'))
    assert.equal(store.find(ref(undefined))?.uid, 'u2')
    assert.equal(store.find(ref('u1'))?.uid, 'u1')
  })

  test('leaves a successor alone when its predecessor changes or goes after it came', () => {
    for (const make of [(uid: string) => pod(uid), mirror]) {
      store.replace([])
      store.apply('upsert', make('u1'))
      store.apply('upsert', make('u2'))
      store.apply('upsert', { ...make('u1'), podIP: '10.0.0.1' })
      const { name, configHash } = make('u2')
      assert.equal(store.find(ref(undefined, { pod: name }))?.uid, 'u2')
      store.apply('delete', make('u1'))
      assert.equal(store.find(ref(undefined, { pod: name }))?.uid, 'u2')
      assert.equal(store.find(ref('u2'))?.uid, 'u2')
      assert.equal(store.find(ref('u1'))?.uid, 'u1')
      if (configHash !== undefined) assert.equal(store.find(ref(configHash))?.uid, 'u2')
      assert.equal(store.size, 1)
    }
  })

  test('takes what a list lacks for deleted, by uid', () => {
    store.replace([pod('u1'), pod('u2', { name: 'db' })])
    store.replace([pod('u3'), pod('u2', { name: 'db' })])
    assert.equal(store.size, 2)
    assert.equal(store.find(ref(undefined))?.uid, 'u3')
    assert.equal(store.find(ref('u1'))?.uid, 'u1')
  })

  test('brings a deleted pod back to life when a list has it again', () => {
    store.replace([pod('u1')])
    store.replace([])
    store.replace([pod('u1')])
    now += 1e6
    assert.equal(store.find(ref('u1'))?.uid, 'u1')
    assert.equal(store.size, 1)
  })

  test('keeps the object of a pod in which nothing changed, and tells nobody', () => {
    const containers = () =>
      new Map([['app', { kind: 'container' as const, image: 'i', containerID: 'c', restartCount: 0 }]])
    const web = pod('u1', { labels: { a: 'b' }, containers: containers() })
    store.replace([web])
    store.replace([pod('u1', { labels: { a: 'b' }, containers: containers() })])
    store.apply('upsert', pod('u1', { labels: { a: 'b' }, containers: containers() }))
    store.apply('delete', pod('unknown'))
    assert.equal(store.find(ref('u1')), web)
    assert.equal(changes, 1)
    store.apply('upsert', pod('u1', { labels: { a: 'c' }, containers: containers() }))
    assert.notEqual(store.find(ref('u1')), web)
    assert.equal(changes, 2)
  })

  test('tells once per change, when it is already in effect', () => {
    const seen: number[] = []
    store.onChange(() => seen.push(store.size))
    store.replace([pod('u1'), pod('u2', { name: 'db' })])
    store.apply('delete', pod('u1'))
    store.replace([])
    assert.deepEqual(seen, [2, 1, 0])
  })
})
