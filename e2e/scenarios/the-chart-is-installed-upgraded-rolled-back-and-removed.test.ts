import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { applyObject } from '../support/apply-object.ts'
import { chooseNode, hostnameOf, internalAddress, type Node } from '../support/cluster.ts'
import { addressTowards, EntryCollector } from '../support/entry-collector.ts'
import { collectEvidence } from '../support/evidence.ts'
import { kubectl, kubectlJson } from '../support/kubectl.ts'
import { LineTally } from '../support/line-tally.ts'
import { stopCommand, writerPod } from '../support/numbered-lines.ts'
import { Release } from '../support/release.ts'
import { helmCommand, unlessMet } from '../support/requirements.ts'
import { settings } from '../support/settings.ts'
import { StateFolder } from '../support/state-folder.ts'
import { until } from '../support/until.ts'

/** Milliseconds from `helm install` to the first entry, once the node has the image. */
const FIRST_ENTRY_MS = 10_000

const skip = await unlessMet(helmCommand)

describe('the chart', { skip, timeout: 600_000 }, () => {
  const name = `loggy-e2e-${settings.run}-${process.pid.toString(36)}h`
  const shop = `${name}-shop`
  const tally = new LineTally()
  const probes: string[] = []
  let node: Node
  let state: StateFolder
  let collector: EntryCollector
  let release: Release
  let hasFailed = false

  before(async () => {
    node = await chooseNode()
    state = new StateFolder(name, node.metadata.name)
    const host = settings.host ?? (await addressTowards(internalAddress(node)))
    collector = await EntryCollector.start(host, (json) => {
      if (JSON.parse(json).kubernetes?.container === 'writer') tally.take(json)
      else probes.push(json)
    })
    release = await Release.plan(name)
    await kubectl('create', 'namespace', shop)
    const image = settings.busybox
    await applyObject(writerPod({ name: 'writer', image, node: node.metadata.name, linesPerSecond: 200 }), shop)
    await kubectl('wait', '--for=condition=Ready', 'pod/writer', '--timeout=120s', '--namespace', shop)
  })
  afterEach((test) => {
    if ('passed' in test && !test.passed) hasFailed = true
  })
  after(async () => {
    if (hasFailed) {
      await collectEvidence(name, join(settings.artifacts, name))
      await release.uninstall().catch(() => undefined)
      await state.cleanUp()
    }
    await kubectl('delete', 'namespace', name, shop, '--ignore-not-found', '--timeout=180s')
    await release?.close()
    await collector?.stop()
  })

  test('brings the first entry within ten seconds, if the node has the image', async (t) => {
    const startMs = performance.now()
    await release.install(values(settings.image ?? ''))
    await until('the first entry comes', async () => tally.metadata.size > 0)
    const tookMs = performance.now() - startMs
    t.diagnostic(`helm install to the first entry: ${(tookMs / 1000).toFixed(1)} s`)
    assert.ok(tookMs < FIRST_ENTRY_MS, `${tookMs.toFixed()} ms`)
    await rolledOut()
  })

  test('is tested by helm test, which sends one entry and leaves no pod', async () => {
    assert.match(await release.test(), /Phase:\s+Succeeded/)
    await until('the entry of the test comes', async () => probes.length > 0)
    assert.equal(probes.length, 1)
    const pods = await kubectl('get', 'pods', '--output', 'name', '--namespace', name)
    assert.doesNotMatch(pods, /-test$/m)
  })

  test('is upgraded to another image and rolled back, and each line comes once', async (t) => {
    if (settings.nextImage === undefined) t.diagnostic('LOGGY_E2E_NEXT_IMAGE names no image: upgraded to the same one')
    const next = { ...values(settings.nextImage ?? settings.image ?? ''), podLabels: { upgraded: 'true' } }
    await nextAgent(() => release.upgrade(next))
    await nextAgent(() => release.rollback(1))
    await kubectl('exec', 'writer', '--namespace', shop, '--', ...stopCommand)
    await until('the last line comes', async () => tally.last !== undefined && tally.missing().length === 0)
    t.diagnostic(`${tally.last} lines, ${tally.duplicates} came again`)
    assert.deepEqual([tally.lost, tally.torn, tally.misplaced, tally.duplicates], [[], [], [], 0])
  })

  test('leaves nothing on the cluster when it is uninstalled', async () => {
    await release.uninstall()
    await until('all of it is gone', async () => (await release.leftovers()).length === 0)
  })

  test('leaves its positions on the node until manifests/cleanup is applied', async () => {
    assert.equal(await state.exists(shop), true)
    await state.cleanUp()
    assert.equal(await state.exists(shop), false)
  })

  function values(image: string): object {
    const [, repository, tag] = image.match(/^(.+?)(?::([^:/]+))?$/) ?? []
    return {
      image: { repository, tag: tag ?? 'latest' },
      nodeSelector: { 'kubernetes.io/hostname': hostnameOf(node) },
      state: { hostPath: state.path },
      config: {
        select: { namespaces: { include: [shop] } },
        sink: { type: 'http', url: collector.url, maxInFlight: 1 },
      },
    }
  }

  async function rolledOut(): Promise<void> {
    await kubectl('rollout', 'status', `daemonset/${name}`, '--timeout=120s', '--namespace', name)
  }

  /** Resolves when another pod of the agent runs. */
  async function nextAgent(change: () => Promise<void>): Promise<void> {
    const before = await agents()
    await change()
    await rolledOut()
    assert.notDeepEqual(await agents(), before)
  }

  async function agents(): Promise<string[]> {
    const selection = ['--selector', 'app.kubernetes.io/name=loggy', '--namespace', name]
    const { items } = await kubectlJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
      ...['get', 'pods', ...selection],
    )
    return items.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [metadata.name] : []))
  }
})
