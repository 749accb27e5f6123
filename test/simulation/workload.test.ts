import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import type { PodObject } from '../../src/simulation/pod-object.ts'
import { Workload } from '../../src/simulation/workload.ts'

const START = new Date(2026, 10, 22, 7, 0, 0).getTime()

describe('Workload', () => {
  let root: string
  let kubelet: Kubelet
  let now: number
  let objects: { type: 'upsert' | 'delete'; object: PodObject }[]

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'loggy-workload-'))
    now = START
    objects = []
    const api = {
      upsert: (object: PodObject) => objects.push({ type: 'upsert', object }),
      delete: (object: PodObject) => objects.push({ type: 'delete', object }),
    }
    kubelet = new Kubelet(root, api, { clock: { now: () => now } })
  })

  afterEach(() => {
    kubelet.close()
    rmSync(root, { recursive: true })
  })

  function activeLogs(): string {
    const containers = kubelet.pods.flatMap((pod) => pod.spec.containers.map(({ name }) => pod.container(name)))
    const running = containers.filter(({ isRunning }) => isRunning)
    return running.map(({ logPath }) => readFileSync(logPath, 'utf8')).join('')
  }

  function pass(workload: Workload, untilMs: number, afterRound: () => void = () => {}): void {
    for (let elapsed = now - START; elapsed <= untilMs; elapsed += 25) {
      now = START + elapsed
      workload.advance(elapsed)
      afterRound()
    }
  }

  test('starts pods of three owners in two namespaces', () => {
    new Workload(kubelet, { linesPerSecond: 30 })
    const pods = kubelet.pods.map(({ spec }) => `${spec.namespace} ${spec.owner?.kind} ${spec.annotations?.team}`)
    assert.deepEqual(pods.sort(), [
      'data StatefulSet platform',
      'shop Job finance',
      'shop ReplicaSet payments',
      'shop ReplicaSet payments',
    ])
  })

  test('writes as many lines as asked for', () => {
    const workload = new Workload(kubelet, { linesPerSecond: 30 })
    pass(workload, 10_000)
    // One utterance may have several lines.
    assert(workload.lineCount >= 300 && workload.lineCount < 310, `${workload.lineCount} lines`)
  })

  test('shows within a minute all that a log agent has to live with', () => {
    const workload = new Workload(kubelet, { linesPerSecond: 30 })
    const seen = { names: new Set<string>(), text: '' }
    pass(workload, 60_000, () => {
      // Both often enough to see what a rotation takes away.
      if (now % 200 === 0) {
        for (const name of readdirSync(join(root, 'pods'), { recursive: true, encoding: 'utf8' })) seen.names.add(name)
      }
      if (now % 1000 === 0) seen.text += activeLogs()
    })
    const names = [...seen.names]
    assert(
      names.some((name) => /app\/0\.log\.\d{8}-\d{6}$/.test(name)),
      'a rotated file',
    )
    assert(
      names.some((name) => name.endsWith('.gz')),
      'a compressed file',
    )
    assert(
      names.some((name) => name.endsWith('/app/1.log')),
      'a restarted container',
    )
    assert(names.filter((name) => /^data_db-0_[^/]+$/.test(name)).length > 1, 'a pod replaced under its name')
    assert(
      objects.some(({ object }) => object.metadata.labels.track === 'canary'),
      'a changed label',
    )
    assert(
      objects.some(({ type, object }) => type === 'delete' && object.metadata.labels.app === 'report'),
      'an ended job',
    )
    assert.match(seen.text, / std(out|err) P /, 'a partial record')
    assert.match(seen.text, / stderr F /)
    assert.match(seen.text, /Zoë|山田|ü/)
  })

  test('stops when the signal aborts', async () => {
    const workload = new Workload(kubelet, { linesPerSecond: 30 })
    const abort = new AbortController()
    let rounds = 0
    const sleep = async () => {
      rounds++
      if (rounds === 3) abort.abort()
    }
    await workload.live({ now: () => now, monotonic: () => rounds * 1000, sleep }, abort.signal)
    assert.equal(rounds, 3)
    assert(workload.lineCount >= 60)
  })
})
