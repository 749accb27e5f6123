import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiServer } from '../support/api-server.ts'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import type { Entry } from '../support/entry-log.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { apiControl, unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet(apiControl)

const AWAY_MS = 60_000
/** When the agent's process is killed, after the time that a stop took before: the next one is to hear nothing of the API. */
const KILL_MARGIN_S = 15
/** From the start of the agent's process to its first entry, which is enriched: 0.5 s on two cores, 1.05 s where others want ten. */
const FIRST_ENRICHED_MS = 2000
/** How long a file waits for its pod to be known, and the kubelet before it starts a container again. */
const FIRST_ENTRIES_MS = 60_000

describe('while the API server is away', { skip, timeout: 600_000 }, () => {
  const scene = sceneOf({ by: 'http', hasShell: true })
  let api: ApiServer
  let containerID: string
  let stopS = 0
  const lines = () => scene().entries.ofPod('counter')

  before(async () => {
    const { installation, node, agent, entries } = scene()
    api = new ApiServer()
    await installation.applyPod(busyboxPod('counter', node, { labels: { step: '0' }, containers: { counter: COUNT } }))
    await entries.until('lines', () => lines().length >= 3)
    containerID = (await agent.running()).containerID
  })
  after(async () => await api?.start())

  test('lines go on for a minute, with what was known', async () => {
    const from = lines().length
    stopS = Math.ceil((await api.stop()) / 1000)
    await sleep(AWAY_MS)
    const meanwhile = lines().slice(from)
    assert.ok(meanwhile.length >= AWAY_MS / 1000 - 10, `${meanwhile.length} lines`)
    for (const { kubernetes } of meanwhile) assert.deepEqual(kubernetes.labels, { step: '0' })
    await api.start()
  })

  test('nothing is forgotten: a pod made as soon as it is back is known', async () => {
    const { installation, node, entries } = scene()
    const labels = { app: 'new' }
    await installation.apply(busyboxPod('new', node, { labels, containers: { counter: COUNT } }))
    // After an outage of the API server a node takes up to a minute to start a pod.
    await entries.until('lines of the new pod, known', () => entries.ofPod('new').some(isKnown), 120_000)
    assert.deepEqual(entries.ofPod('new').find(isKnown)?.kubernetes.labels, labels)
    assert.equal(entries.ofPod('new')[0]?.log, 'count 1')
  })

  test('versions expire, and the agent lists anew', async () => {
    const { installation, entries } = scene()
    // So that a version passes which the watch cache of the next API server does not have.
    await sleep(10_000)
    await api.stop()
    await api.start()
    await installation.kubectl('label', 'pod', 'counter', 'step=1', '--overwrite')
    await entries.until('the changed label', () => lines().at(-1)?.kubernetes.labels?.step === '1')
  })

  test('no agent ends', async () => {
    assert.equal((await scene().agent.running()).containerID, containerID)
  })

  test('an agent that starts reads on with the metadata on its disk, and has them from the API again when that is back', async (t) => {
    const { agent, shell, entries } = scene()
    const killAfterS = stopS + KILL_MARGIN_S
    await shell.kill((await agent.running()).containerID, killAfterS)
    await api.stop()
    const fromDisk = () => lines().filter((entry) => !isKnown(entry))
    await entries.until(
      'lines of the agent that starts',
      () => fromDisk().length > 0,
      killAfterS * 1000 + FIRST_ENTRIES_MS,
    )
    const arrivedMs = Date.now()
    const known = lines().findLast(isKnown)?.kubernetes
    for (const { kubernetes } of fromDisk()) assert.deepEqual(kubernetes, { ...known, metadata: 'cached' })
    await api.start()
    await entries.until('metadata of the API again', () => lines().slice(-1).some(isKnown))
    assert.deepEqual(lines().at(-1)?.kubernetes, known)
    t.diagnostic(`${fromDisk().length} lines had metadata from the disk`)
    const tookMs = arrivedMs - (await agent.startedMs())
    t.diagnostic(`the first of them came ${tookMs.toFixed()} ms after the agent's process began`)
    assert.ok(tookMs < FIRST_ENRICHED_MS, `${tookMs} ms`)
  })

  test('the lines are those that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  test('no line is missing', () => {
    const numbers = new Set(lines().map(({ log }) => Number(log?.split(' ')[1])))
    const missing = Array.from({ length: Math.max(...numbers) }, (_, index) => index + 1).filter((n) => !numbers.has(n))
    assert.deepEqual(missing, [])
    assert.deepEqual(scene().entries.strangers, [])
  })
})

function isKnown({ kubernetes }: Entry): boolean {
  return kubernetes.metadata === undefined
}
