import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Kubelet, type KubeletOptions } from '../../src/simulation/kubelet.ts'
import type { PodObject, PodSpec } from '../../src/simulation/pod-object.ts'

const web: PodSpec = {
  namespace: 'shop',
  name: 'web-5',
  labels: { app: 'web' },
  annotations: { team: 'payments' },
  containers: [{ name: 'app', image: 'shop/web:1.2.3' }],
}

/** 2026-11-22 07:00:00 in the machine's zone: rotated files are named in local time. */
const MORNING = new Date(2026, 10, 22, 7, 0, 0).getTime()

describe('Kubelet', () => {
  let root: string
  let kubelet: Kubelet
  let now: number
  let events: { type: 'upsert' | 'delete'; object: PodObject }[]

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'loggy-kubelet-'))
    now = MORNING
    events = []
    kubelet = newKubelet()
  })

  afterEach(() => {
    kubelet.close()
    rmSync(root, { recursive: true })
  })

  function newKubelet(options: KubeletOptions = {}): Kubelet {
    const api = {
      upsert: (object: PodObject) => events.push({ type: 'upsert', object }),
      delete: (object: PodObject) => events.push({ type: 'delete', object }),
    }
    return new Kubelet(root, api, { clock: { now: () => now }, ...options })
  }

  function links(): string[] {
    return readdirSync(join(root, 'containers')).sort()
  }

  /** Lines of a file without their times. */
  function records(path: string): string[] {
    return withoutTimes(readFileSync(path, 'utf8'))
  }

  test('puts the pod first in the link and the namespace first in the folder, with an absolute target', () => {
    const pod = kubelet.startPod(web)
    const { id } = pod.container()
    assert.match(id, /^[0-9a-f]{64}$/)
    assert.match(pod.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.deepEqual(links(), [`web-5_shop_app-${id}.log`])
    const target = join(root, 'pods', `shop_web-5_${pod.uid}`, 'app', '0.log')
    assert.equal(readlinkSync(join(root, 'containers', `web-5_shop_app-${id}.log`)), target)
    assert.equal(statSync(target).mode & 0o777 & ~0o640, 0)
  })

  test('cuts the name of a link at 251 bytes, so that two of them may be one', () => {
    const containers = ['a', 'b'].map((end) => ({ name: 'c'.repeat(62) + end, image: 'x:1' }))
    kubelet.startPod({ namespace: 'n'.repeat(10), name: 'p'.repeat(180), containers })
    assert.deepEqual(links(), [`${'p'.repeat(180)}_${'n'.repeat(10)}_${'c'.repeat(59)}.log`])
  })

  test('names the folder of a static pod after its config hash, and shows the API a mirror pod with another uid', () => {
    const configHash = 'c0ffee'.repeat(5).padEnd(32, '0')
    const pod = kubelet.startPod({ ...web, name: 'etcd-node-1', configHash })
    assert.match(pod.container().logPath, new RegExp(`/shop_etcd-node-1_${configHash}/app/0\\.log$`))
    assert.notEqual(pod.object.metadata.uid, configHash)
    assert.equal(pod.object.metadata.annotations['kubernetes.io/config.hash'], configHash)
    assert.equal(pod.object.metadata.annotations['kubernetes.io/config.mirror'], configHash)
  })

  test('knows the pod by name before it has files, and the container ids only after them', () => {
    const pod = kubelet.createPod(web)
    pod.publish()
    assert.equal(existsSync(pod.logDirectory), false)
    assert.deepEqual(events.at(-1)?.object.status, { phase: 'Pending', qosClass: 'BestEffort' })
    pod.container().createLog()
    assert.deepEqual(links(), [])
    pod.container().link()
    pod.reportStatus()
    const status = events.at(-1)?.object.status.containerStatuses?.[0]
    assert.equal(status?.containerID, `containerd://${pod.container().id}`)
    assert.equal(status.restartCount, 0)
  })

  test('gives records times that never repeat, with up to nine digits', () => {
    const container = kubelet.startPod(web).container()
    for (let line = 0; line < 200; line++) container.write('stdout', `${line}`)
    const times = readFileSync(container.logPath, 'utf8').match(/^\S+/gm) ?? []
    assert.equal(new Set(times).size, 200)
    for (const time of times) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/)
  })

  test('interleaves the records of two long lines', () => {
    const container = kubelet.startPod(web).container()
    container.log.writeInterleaved('o'.repeat(16_385), 'e'.repeat(16_385))
    const heads = records(container.logPath).map((record) => record.slice(0, 10))
    assert.deepEqual(heads, ['stdout P o', 'stderr P e', 'stdout F o', 'stderr F e'])
  })

  test('keeps the active file, one plain rotated file and compressed ones, as many as allowed', () => {
    const container = kubelet.startPod(web).container()
    for (let generation = 0; generation < 6; generation++) {
      container.write('stdout', `generation ${generation}`)
      now += 10_000
      container.rotate()
    }
    container.write('stdout', 'generation 6')
    const directory = join(container.logPath, '..')
    const names = readdirSync(directory).sort()
    assert.deepEqual(names, [
      '0.log',
      '0.log.20261122-070030.gz',
      '0.log.20261122-070040.gz',
      '0.log.20261122-070050.gz',
      '0.log.20261122-070100',
    ])
    const contents = names.map((name) => {
      const bytes = readFileSync(join(directory, name))
      return withoutTimes((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString())
    })
    assert.deepEqual(
      contents.flat(),
      [6, 2, 3, 4, 5].map((generation) => `stdout F generation ${generation}`),
    )
  })

  test('gives two rotations in the same second names that differ and sort', () => {
    const container = kubelet.startPod(web).container()
    for (let line = 0; line < 3; line++) {
      container.write('stdout', `${line}`)
      container.rotate()
    }
    assert.deepEqual(
      container.rotatedLogs().map((path) => basename(path)),
      ['0.log.20261122-070000.gz', '0.log.20261122-070001.gz', '0.log.20261122-070002'],
    )
  })

  test('a rotation seen step by step: the name is gone for a moment, and late lines land in the old file', () => {
    const container = kubelet.startPod(web).container()
    container.write('stdout', 'before')
    const rotation = container.rotation()
    const renamed = rotation.renameLog(new Date(now))
    assert.equal(existsSync(container.linkPath), false, 'the link dangles')
    container.write('stdout', 'between')
    rotation.reopenLog()
    container.write('stdout', 'first of the new file')
    container.previousLog?.writeUnfinished('stdout', 'late')
    rotation.closePreviousLog()
    assert.deepEqual(records(renamed), ['stdout F before', 'stdout F between', 'stdout P late'])
    assert.deepEqual(records(container.linkPath), ['stdout F first of the new file'])
    assert.equal(container.previousLog, undefined)
  })

  test('in the order of kubernetes#139700 the old file gets its name when the runtime writes to the new one', () => {
    const container = kubelet.startPod(web).container()
    container.write('stdout', 'before')
    const rotation = container.rotation()
    const aside = rotation.setLogAside(new Date(now))
    container.write('stdout', 'between')
    rotation.reopenLog()
    container.write('stdout', 'first of the new file')
    assert.deepEqual(container.rotatedLogs(), [aside])
    assert.equal(`${rotation.nameLog()}.tmp`, aside)
    assert.deepEqual(container.rotatedLogs(), [aside.replace('.tmp', '')])
    assert.deepEqual(records(aside.replace('.tmp', '')), ['stdout F before', 'stdout F between'])
    assert.deepEqual(records(container.linkPath), ['stdout F first of the new file'])
  })

  test('a container that ends during a rotation gets its file back under the old name', () => {
    const container = kubelet.startPod(web).container()
    container.write('stdout', 'last words')
    const { ino } = statSync(container.logPath)
    const rotation = container.rotation()
    rotation.renameLog(new Date(now))
    container.exit()
    rotation.renameBack()
    assert.equal(statSync(container.linkPath).ino, ino)
    assert.deepEqual(container.rotatedLogs(), [])
  })

  test('names a compressed file before its last block is written', () => {
    const container = kubelet.startPod(web).container()
    container.write('stdout', 'compressed')
    container.rotate()
    const [compression, ...others] = container.rotation().compressions()
    assert(compression)
    assert.equal(others.length, 0)
    compression.writeTemporary()
    assert.deepEqual(container.rotatedLogs(), [compression.source, `${compression.source}.tmp`])
    compression.publish()
    assert.deepEqual(container.rotatedLogs(), [compression.source, compression.target])
    assert.throws(() => gunzipSync(readFileSync(compression.target)))
    compression.removeSource()
    compression.finish()
    assert.deepEqual(container.rotatedLogs(), [compression.target])
    assert.deepEqual(withoutTimes(gunzipSync(readFileSync(compression.target)).toString()), ['stdout F compressed'])
  })

  test('cleans up what a kubelet that died left behind', () => {
    const container = kubelet.startPod(web).container()
    container.rotate()
    const [compression] = container.rotation().compressions()
    assert(compression)
    compression.writeTemporary()
    compression.publish()
    compression.finish()
    container.rotation().removeLeftovers()
    assert.deepEqual(container.rotatedLogs(), [compression.target])
  })

  test('a restart writes its first lines before its link appears, and keeps one ended instance', () => {
    const pod = kubelet.startPod(web)
    const first = pod.container()
    const second = pod.restart('app', (instance) => {
      instance.write('stdout', 'first line')
      assert.equal(existsSync(instance.linkPath), false)
    })
    assert.equal(basename(second.logPath), '1.log')
    assert.notEqual(second.id, first.id)
    assert.deepEqual(links(), [first, second].map(({ linkPath }) => basename(linkPath)).sort())
    const third = pod.restart('app')
    assert.deepEqual(links(), [second, third].map(({ linkPath }) => basename(linkPath)).sort())
    assert.equal(existsSync(first.logPath), false)
    assert.equal(existsSync(second.logPath), true)
    const status = pod.object.status.containerStatuses?.[0]
    assert.equal(status?.restartCount, 2)
    assert.match(JSON.stringify(status.lastState), new RegExp(`containerd://${second.id}`))
  })

  test('deletes the file, then the link, and only then tells the API', () => {
    const pod = kubelet.startPod(web)
    const container = pod.container()
    container.rotate()
    pod.markDeleted()
    pod.exit()
    assert(events.at(-1)?.object.metadata.deletionTimestamp)
    container.removeLog()
    assert.equal(existsSync(container.logPath), false)
    assert.deepEqual(container.rotatedLogs(), [])
    assert.deepEqual(links(), [basename(container.linkPath)], 'the link is still there')
    container.unlink()
    assert.deepEqual(links(), [])
    pod.removeLogs()
    assert.equal(existsSync(pod.logDirectory), false)
    assert.equal(events.at(-1)?.type, 'upsert')
    pod.reportStatus()
    assert.match(JSON.stringify(events.at(-1)?.object.status), /"terminated"/)
    pod.withdraw()
    assert.equal(events.at(-1)?.type, 'delete')
  })

  test('a pod replaced under the same name has a new uid, a new folder and no old files', () => {
    const pod = kubelet.startPod(web)
    const successor = kubelet.replacePod(pod)
    assert.notEqual(successor.uid, pod.uid)
    assert.deepEqual(readdirSync(join(root, 'pods')), [`shop_web-5_${successor.uid}`])
    assert.deepEqual(kubelet.pods, [successor])
  })

  test('shows a changed label to the API, in an object that carries what real ones do', () => {
    const pod = kubelet.startPod(web)
    pod.setMetadata({ labels: { app: 'web', track: 'canary' } })
    const object = events.at(-1)?.object
    assert.deepEqual(object?.metadata.labels, { app: 'web', track: 'canary' })
    assert.deepEqual(object.metadata.annotations, { team: 'payments' })
    assert.equal(object.metadata.uid, pod.uid)
    assert.equal(object.spec.nodeName, 'node-1')
    assert.equal(object.status.podIP, pod.podIP)
    assert.match(JSON.stringify(object.metadata.managedFields), /"f:track"/)
  })

  test('docker: the kubelet links to a link, and docker numbers its own rotated files', () => {
    kubelet = newKubelet({ runtime: 'docker', maxLogFiles: 3 })
    const container = kubelet.startPod(web).container()
    const file = join(root, 'docker', 'containers', container.id, `${container.id}-json.log`)
    assert.equal(readlinkSync(container.linkPath), container.logPath)
    assert.equal(readlinkSync(container.logPath), file)
    for (let line = 0; line < 4; line++) {
      container.write('stdout', `${line}`)
      container.rotate()
    }
    const directory = join(file, '..')
    assert.deepEqual(
      readdirSync(directory).sort(),
      ['', '.1', '.2'].map((end) => basename(file) + end),
    )
    assert.equal(JSON.parse(readFileSync(`${file}.1`, 'utf8')).log, '3\n')
    assert.equal(JSON.parse(readFileSync(`${file}.2`, 'utf8')).log, '2\n')
    container.exit()
    container.removeLog()
    assert.equal(existsSync(directory), false)
  })

  test('the same seed and clock make the same node', () => {
    const uid = () => newKubelet({ seed: 7 }).createPod(web).uid
    assert.equal(uid(), uid())
    assert.notEqual(uid(), newKubelet({ seed: 8 }).createPod(web).uid)
  })
})

function withoutTimes(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((record) => record.slice(record.indexOf(' ') + 1))
}
