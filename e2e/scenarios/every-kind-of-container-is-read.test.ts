import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { busyboxPod, COUNT, staticPod } from '../support/busybox-pod.ts'
import type { Entry } from '../support/entry-log.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { kubernetes, staticPodFolder, unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'
import { settings } from '../support/settings.ts'

const skip = await unlessMet()
const withoutEphemeral = await unlessMet(kubernetes(23, 'ephemeral containers'))
const withoutSidecars = await unlessMet(kubernetes(29, 'sidecars'))
const withoutStatic = await unlessMet(staticPodFolder)

/** Bytes that a pod's name may have so that its log's folder, with namespace and uid, fits into a file name (kubernetes#91410). */
const NAMES_BYTES = 255 - '__'.length - 36

describe('lines of every kind of container', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'kubectl logs', hasShell: true })
  const of = (pod: string, container: string) =>
    scene()
      .entries.ofPod(pod)
      .filter((entry) => entry.kubernetes.container === container)
  const logsOf = (entries: Entry[]) => entries.map(({ log }) => log)

  test('are read of init containers, which are told apart', async () => {
    const { installation, entries, node } = scene()
    await installation.apply(
      busyboxPod('prepared', node, {
        initContainers: { first: 'echo "init 1"', second: 'echo "init 2"' },
        containers: { main: COUNT },
      }),
    )
    await entries.until('lines of the main container', () => of('prepared', 'main').length >= 2)
    await entries.until('those before', () => of('prepared', 'second').length + of('prepared', 'first').length === 2)
    assert.deepEqual(logsOf(of('prepared', 'first')), ['init 1'])
    assert.deepEqual(logsOf(of('prepared', 'second')), ['init 2'])
    const kinds = ['first', 'second', 'main'].map((name) => of('prepared', name)[0]?.kubernetes.containerKind)
    assert.deepEqual(kinds, ['init', 'init', undefined])
  })

  test('are read of a sidecar, which is told apart, before, beside and after the others', {
    skip: withoutSidecars,
  }, async () => {
    const { installation, entries, node } = scene()
    const last =
      'trap "echo last; exit 0" TERM; i=0; while true; do i=$((i + 1)); echo "sidecar $i"; sleep 0.2 & wait $!; done'
    await installation.apply(
      busyboxPod('accompanied', node, {
        restartPolicy: 'Never',
        sidecars: { mesh: last },
        initContainers: { setup: 'sleep 1; echo init' },
        containers: { main: 'sleep 1; echo main' },
      }),
    )
    await entries.until('its last word', () => logsOf(of('accompanied', 'mesh')).includes('last'), 120_000)
    const lines = of('accompanied', 'mesh')
    assert.deepEqual(logsOf(lines), [...lines.slice(1).map((_, index) => `sidecar ${index + 1}`), 'last'])
    assert.ok(lines.length > 5)
    for (const { kubernetes } of lines) assert.equal(kubernetes.containerKind, 'sidecar')
    assert.deepEqual(logsOf([...of('accompanied', 'setup'), ...of('accompanied', 'main')]), ['init', 'main'])
  })

  test('are read of an ephemeral container, which is told apart', { skip: withoutEphemeral }, async () => {
    const { installation, entries, node } = scene()
    await installation.applyPod(busyboxPod('debugged', node, { containers: { main: COUNT } }))
    const debug = ['debug', 'debugged', '--container=debugger', `--image=${settings.busybox}`]
    await installation.kubectl(...debug, '--image-pull-policy=IfNotPresent', '--', 'sh', '-c', 'echo looking; sleep 5')
    await entries.until('its line', () => of('debugged', 'debugger').length > 0)
    assert.equal(of('debugged', 'debugger')[0]?.kubernetes.containerKind, 'ephemeral')
  })

  test('are read of each run of one that crashes, beside one that does not', async () => {
    const { installation, entries, node } = scene()
    const crash = 'echo begin; echo end; exit 1'
    await installation.apply(busyboxPod('crashing', node, { containers: { steady: COUNT, crashing: crash } }))
    const runs = () => Map.groupBy(of('crashing', 'crashing'), (entry) => entry.kubernetes.restartCount)
    await entries.until('three runs', () => runs().get(2)?.length === 2, 120_000)
    for (const run of [0, 1, 2]) assert.deepEqual(logsOf(runs().get(run) ?? []), ['begin', 'end'], `run ${run}`)
    const ids = [0, 1, 2].map((run) => runs().get(run)?.[0]?.kubernetes.containerID)
    assert.equal(new Set(ids).size, 3)
    const steady = of('crashing', 'steady')
    assert.deepEqual(
      logsOf(steady),
      steady.map((_, index) => `count ${index + 1}`),
    )
  })

  test('are read of a static pod, with the labels of its mirror', { skip: withoutStatic }, async () => {
    const { entries, shell, namespace, node } = scene()
    const name = namespace.replace('loggy-', 'static-')
    await shell.writeStaticPod(
      name,
      staticPod(name, namespace, { labels: { app: 'static' }, containers: { main: COUNT } }),
    )
    try {
      await entries.until('its lines', () => of(`${name}-${node}`, 'main').length >= 3, 120_000)
    } finally {
      await shell.removeStaticPod(name)
    }
    const all = of(`${name}-${node}`, 'main')
    for (const { kubernetes } of all) assert.deepEqual(kubernetes.labels, { app: 'static' })
    assert.equal(all[0]?.log, 'count 1')
  })

  test('are read of one with names as long as they may be, and dots in them', async () => {
    const { installation, entries, node, namespace } = scene()
    const name = longName(NAMES_BYTES - namespace.length)
    const container = 'c'.repeat(63)
    await installation.apply(busyboxPod(name, node, { labels: { app: 'long' }, containers: { [container]: COUNT } }))
    await entries.until('its lines', () => of(name, container).length >= 2)
    const [first] = of(name, container)
    assert.equal(first?.log, 'count 1')
    assert.deepEqual(first?.kubernetes.labels, { app: 'long' })
    // Such a link's name has no room for it, and the API knows it a moment later than the first line.
    const hasWholeID = (entry: Entry) => /^[0-9a-f]{64}$/.test(entry.kubernetes.containerID ?? '')
    await entries.until('the id of its container', () => of(name, container).some(hasWholeID))
  })

  test('are those that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  test('are nothing but JSON, and all known to the API', () => {
    const { entries } = scene()
    assert.deepEqual(entries.strangers, [])
    assert.deepEqual(
      entries.entries.filter((entry) => entry.kubernetes.metadata !== undefined),
      [],
    )
  })
})

/** DNS labels of at most 63 bytes, joined by dots. */
function longName(bytes: number): string {
  const name = `${'a'.repeat(40)}.${'b-'.repeat(30)}b.`.repeat(3).slice(0, bytes - 1)
  return `${name.replace(/[.-]$/, 'x')}z`
}
