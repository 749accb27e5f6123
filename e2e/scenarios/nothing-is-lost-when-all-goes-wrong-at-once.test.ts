import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiServer } from '../support/api-server.ts'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import { type Entry, EntryLog } from '../support/entry-log.ts'
import { firstDifference, type KubeletLine } from '../support/kubelet-lines.ts'
import { LineTally } from '../support/line-tally.ts'
import { stopCommand, writerPod } from '../support/numbered-lines.ts'
import { podNamed } from '../support/pod-object.ts'
import { apiControl, kubernetes, unlessMet } from '../support/requirements.ts'
import { RotationWatch } from '../support/rotation-watch.ts'
import { sceneOf } from '../support/scene.ts'
import { settings } from '../support/settings.ts'
import { until } from '../support/until.ts'

const skip = await unlessMet(kubernetes(37, 'RestartAllContainers'), apiControl)

const AWAY_MS = 60_000
const LEAST_ROTATIONS = 6
/** Their containers are killed, removed and run anew in the same sandbox every ten seconds. */
const RESTARTING = Array.from({ length: 5 }, (_, number) => `restarting-${number}`)
const RESTART_ALL = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }]
/** The shell writes ten lines at a time, so that it starts few processes. */
const write = (container: string, lines: string) =>
  `n=0; while ${lines}; do n=$((n + 1)); echo "$HOSTNAME ${container} $n"; [ $((n % 10)) -gt 0 ] || sleep 0.5; done`

describe('a log of 20,000 lines a second, and pods whose containers are all restarted', {
  skip,
  timeout: 900_000,
}, () => {
  const tally = new LineTally()
  const entries = new EntryLog()
  const api = new ApiServer()
  const scene = sceneOf({
    by: 'http',
    state: 'node',
    // One at a time are too few where the machine has no free core: each request waits for several processes to have their turn.
    maxInFlight: 8,
    onEntry: (json) => (json.includes('"container":"writer"') ? tally.take(json) : entries.take(json)),
    options: { select: { containers: { exclude: ['loggy', 'shell'] } } },
  })
  after(async () => await api.start())

  test('lose nothing while agents are deleted and killed, and the API server is away for a minute', async (t) => {
    const { installation, agent, shell, node } = scene()
    for (const name of RESTARTING) await installation.apply(restartingPod(name, node))
    await installation.applyPod(writerPod({ name: 'writer', image: settings.busybox, node }))
    const { uid } = (await podNamed(installation, 'writer')).metadata
    const rotations = new RotationWatch(shell, { pod: 'writer', uid, container: 'writer' })
    const startMs = performance.now()
    const end = async (how: 'delete' | 'kill') => {
      await tally.caughtUp()
      await rotations.reach(rotations.seen + 1)
      await agent[how]()
      t.diagnostic(`${how}: the next agent runs at ${((performance.now() - startMs) / 1000).toFixed()} s`)
    }
    await end('kill')
    await end('delete')
    await api.stop()
    await sleep(AWAY_MS)
    await api.start()
    // Its pod cannot be replaced before controllers and kubelet are back too.
    await installation.applyPod(busyboxPod('after', node, { containers: { main: COUNT } }))
    await end('delete')
    await end('kill')
    await rotations.reach(LEAST_ROTATIONS)
    await installation.kubectl('exec', 'writer', '--', ...stopCommand)
    await until('the last line comes', async () => tally.last !== undefined)
    const seconds = ((performance.now() - startMs) / 1000).toFixed()
    t.diagnostic(`${tally.last} lines in ${seconds} s, ${rotations.seen} rotations, ${tally.duplicates} lines again`)
    assert.deepEqual([tally.lost, tally.missing(), tally.torn], [[], [], []], 'lost, missing, torn')
    for (const { pod, container, labels, ...metadata } of tally.metadata.values())
      assert.deepEqual(
        [pod, container, labels, metadata.uid],
        ['writer', 'writer', { app: 'writer', tier: 'load' }, uid],
      )
  })

  test('have each line of each run of each container, with its own pod', async (t) => {
    const { installation, shell } = scene()
    let [runs, lines] = [0, 0]
    for (const pod of RESTARTING) {
      const { uid } = (await podNamed(installation, pod)).metadata
      for (const { kubernetes, log, lost } of entries.ofPod(pod)) {
        assert.equal(lost, undefined)
        assert.equal(log?.split(' ').slice(0, 2).join(' '), `${pod} ${kubernetes.container}`)
        assert.deepEqual([kubernetes.uid, kubernetes.labels], [uid, { app: pod }])
      }
      for (const [file, written] of filesOf(await shell.logLines({ pod, uid }))) {
        await assertFile(pod, file, written)
        runs += 1
        lines += written.length
      }
    }
    t.diagnostic(`${lines} lines in the files of ${runs} runs`)
    assert.ok(runs > 100, `${runs} runs`)
  })

  /** The entries say what a file of the kubelet says, and count from 1. */
  async function assertFile(pod: string, file: string, written: readonly KubeletLine[]): Promise<void> {
    const [container, run] = file.replace('.log', '').split('/')
    const isOfRun = ({ kubernetes: of }: Entry) => of.container === container && of.restartCount === Number(run)
    const ofRun = () =>
      entries
        .ofPod(pod)
        .filter(isOfRun)
        .sort((a, b) => numberOf(a) - numberOf(b))
    await entries.until(`the last line of ${pod}/${file}`, () => firstDifference(written, ofRun()) === undefined)
    const numbers = [...new Set(ofRun().map(numberOf))]
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, index) => index + 1),
      `${pod}/${file}`,
    )
  }

  function restartingPod(name: string, node: string) {
    const { spec, ...pod } = busyboxPod(name, node, {
      labels: { app: name },
      initContainers: { setup: write('setup', '[ $n -lt 3 ]') },
      containers: { main: `${write('main', '[ $n -lt 200 ]')}; exit 42`, beside: write('beside', 'true') },
    })
    const containers = spec.containers.map((container) =>
      container.name === 'main' ? { ...container, restartPolicy: 'Never', restartPolicyRules: RESTART_ALL } : container,
    )
    return { ...pod, spec: { ...spec, containers } }
  }
})

function numberOf({ log }: Entry): number {
  return Number(log?.split(' ')[2])
}

/** By the file's name, such as `main/0.log`. */
function filesOf(lines: readonly string[]): Map<string, KubeletLine[]> {
  const files = new Map<string, KubeletLine[]>()
  for (const line of lines) {
    const [, file = '', time = '', text = ''] = /^(\S+) (\S+) stdout F (.*)$/.exec(line) ?? []
    files.set(file, [...(files.get(file) ?? []), { time, text }])
  }
  return files
}
