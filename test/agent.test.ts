import assert from 'node:assert/strict'
import { closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Overview } from '../src/agent/overview.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { deployment } from '../src/simulation/pod-owner.ts'
import { Random } from '../src/simulation/random.ts'
import { AgentUnderTest } from './support/agent-under-test.ts'
import { createPipe } from './support/pipe.ts'
import { cpuWaitMsOf } from './support/process-usage.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

type AgentReport = ReturnType<Overview['report']>

const replica = deployment(new Random(1), 'web')()
const web: PodSpec = {
  ...replica,
  namespace: 'shop',
  labels: { ...replica.labels, app: 'web' },
  annotations: { team: 'payments' },
  containers: [{ name: 'app', image: 'shop/web:1.2.3' }],
}

test('writes each line as one entry with the metadata of its pod', async (t) => {
  const node = await TestNode.start(t)
  const pod = node.kubelet.startPod(web)
  await node.startAgent()
  pod.container().write('stdout', 'GET /health "200"')
  const { time, ...entry } = await node.entry('GET /health "200"')
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
  const { containerID, ...kubernetes } = entry.kubernetes
  assert.match(String(containerID), /^[0-9a-f]{64}$/)
  assert.deepEqual(
    { ...entry, kubernetes },
    {
      stream: 'stdout',
      log: 'GET /health "200"',
      kubernetes: {
        namespace: 'shop',
        pod: web.name,
        container: 'app',
        uid: pod.uid,
        node: 'node-1',
        podIP: pod.podIP,
        image: 'shop/web:1.2.3',
        restartCount: 0,
        owner: { kind: 'Deployment', name: 'web' },
        labels: web.labels,
        annotations: { team: 'payments' },
      },
    },
  )
})

test('leaves its standard output a pipe that blocks, so that the kernel says when there is room', async (t) => {
  const node = await TestNode.start(t)
  const pod = node.kubelet.startPod(web)
  const pipe = createPipe(t)
  const stdout = openSync(pipe.path, 'w')
  t.after(() => closeSync(stdout))
  node.configure()
  const agent = await AgentUnderTest.start({ configPath: node.configPath, stdout })
  t.after(() => agent.stop())
  pod.container().write('stdout', 'hello')
  await waitUntil('an entry', () => pipe.sip() !== '')
  const [, flags = ''] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${stdout}`, 'utf8')) ?? []
  assert.equal(Number.parseInt(flags, 8) & constants.O_NONBLOCK, 0)
})

test('ends with code 0 on SIGTERM, after the last entry', async (t) => {
  const node = await TestNode.start(t)
  const pod = node.kubelet.startPod(web)
  await node.startAgent()
  for (let line = 0; line < 1000; line += 1) pod.container().write('stdout', `line ${line}`)
  await node.entry('line 999')
  assert.equal(await node.stopAgent(), 0)
  assert.equal(node.entries.length, 1000)
  assert.deepEqual(node.noise, [])
})

describe('metadata', () => {
  test('that changes shows on the next lines', async (t) => {
    const node = await TestNode.start(t)
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    pod.container().write('stdout', 'before')
    await node.entry('before')
    pod.setMetadata({ labels: { app: 'web', tier: 'front' } })
    await waitUntil('the label', async () => {
      const line = `after ${performance.now()}`
      pod.container().write('stdout', line)
      return (await node.entry(line)).kubernetes.labels?.tier === 'front'
    })
  })

  test('of a pod made anew under its name is never the old one’s', async (t) => {
    const node = await TestNode.start(t)
    const old = node.kubelet.startPod({ ...web, labels: { generation: '1' } })
    await node.startAgent()
    old.container().write('stdout', 'of the first')
    await node.entry('of the first')
    old.container().write('stdout', 'last words of the first')
    const next = node.kubelet.replacePod(old)
    next.container().write('stdout', 'of the second')
    assert.equal((await node.entry('last words of the first')).kubernetes.uid, old.uid)
    assert.equal((await node.entry('of the second')).kubernetes.uid, next.uid)
  })

  test('of a static pod is found by its config hash', async (t) => {
    const node = await TestNode.start(t)
    const pod = node.kubelet.startPod({ ...web, name: 'etcd-node-1', configHash: '0123456789abcdef'.repeat(2) })
    await node.startAgent()
    pod.container().write('stdout', 'x')
    assert.equal((await node.entry('x')).kubernetes.uid, pod.uid)
  })

  test('is waited for, and lines carry what the path says when the wait is over', async (t) => {
    const node = await TestNode.start(t, { config: { enrich: { waitForMetadata: '500ms' } } })
    await node.api.down()
    const pod = node.kubelet.startPod(web)
    pod.container().write('stdout', 'early')
    const startedMs = performance.now()
    await node.startAgent()
    const { kubernetes } = await node.entry('early')
    assert.ok(performance.now() - startedMs >= 500)
    assert.equal(kubernetes.metadata, 'path-only')
    assert.equal(kubernetes.uid, pod.uid)
    await node.api.up()
    await waitUntil(
      'metadata',
      async () => {
        const line = `late ${performance.now()}`
        pod.container().write('stdout', line)
        return (await node.entry(line)).kubernetes.metadata === undefined
      },
      20_000,
    )
  })

  test('of namespace and node is there when asked for', async (t) => {
    const node = await TestNode.start(t, { config: { enrich: { namespaceLabels: true, nodeLabels: true } } })
    const labelled = (name: string) => ({ metadata: { name, labels: { of: name } } })
    node.api.upsert({ kind: 'Namespace', ...labelled('shop') })
    node.api.upsert({ kind: 'Node', ...labelled('node-1') })
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    await waitUntil('both', async () => {
      const line = `x ${performance.now()}`
      pod.container().write('stdout', line)
      const { namespaceLabels, nodeLabels } = (await node.entry(line)).kubernetes
      return JSON.stringify([namespaceLabels, nodeLabels]) === '[{"of":"shop"},{"of":"node-1"}]'
    })
  })
})

function totalOf(report: unknown): Readonly<Record<string, number>> {
  return (report as ReturnType<Overview['report']>).total
}

describe('selection', () => {
  test('leaves out kube-system, Loggy’s own pod, and what pods say themselves', async (t) => {
    const node = await TestNode.start(t)
    const start = (name: string, change: object) => node.kubelet.startPod({ ...web, name, ...change })
    const pods = [
      start('system', { namespace: 'kube-system' }),
      start('loggy', { namespace: 'loggy' }),
      start('quiet', { annotations: { 'loggy.io/exclude': 'true' } }),
      start('half', { annotations: { 'loggy.io/exclude-containers': 'app' } }),
      start('asked', { namespace: 'kube-system', annotations: { 'loggy.io/include': 'true' } }),
      start('plain', {}),
    ]
    await node.startAgent({ POD_NAME: 'loggy', POD_NAMESPACE: 'loggy' })
    for (const pod of pods) pod.container().write('stdout', `from ${pod.spec.name}`)
    await node.entry('from plain')
    await node.entry('from asked')
    await node.stopAgent()
    assert.deepEqual(node.logs().sort(), ['from asked', 'from plain'])
  })

  test('tells the owner of a pod of what it says that is not understood, once, restarts of the agent included', async (t) => {
    const node = await TestNode.start(t)
    const pod = node.kubelet.startPod({ ...web, annotations: { 'loggy.io/exclude': 'yes', 'loggy.io/exlude': 'true' } })
    for (const run of ['first', 'second']) {
      await node.startAgent()
      pod.container().write('stdout', run)
      await node.entry(run)
      await waitUntil('both are told', () => {
        node.signal('SIGUSR2')
        const told = node.agentLog.find((line) => 'report' in line && totalOf(line.report).eventsSent === 2)
        if (told !== undefined)
          assert.partialDeepStrictEqual(totalOf(told.report), { invalidHints: 2, eventsFailed: 0 })
        return told !== undefined
      })
      await node.stopAgent()
      node.agentLog.length = 0
    }
    assert.equal(node.api.count('create', 'events'), 4)
    const events = node.api.postedEvents.list()
    assert.deepEqual(events.map(({ message }) => message).sort(), [
      'Loggy ignores the annotation loggy.io/exclude: "yes"; expected "true" or "false"',
      'Loggy ignores the annotation loggy.io/exlude: "true"; expected the key loggy.io/exclude',
    ])
    assert.ok(events.every(({ involvedObject }) => involvedObject.uid === pod.uid))
  })

  test('follows a label: what is written while it does not match stays unread', async (t) => {
    const node = await TestNode.start(t, { config: { select: { labels: 'app in (web,api)' } } })
    const pod = node.kubelet.startPod({ ...web, labels: { app: 'other' } })
    const witness = node.kubelet.startPod({ ...web, name: 'witness', labels: { app: 'api' } })
    await node.startAgent()
    pod.container().write('stdout', 'unselected')
    witness.container().write('stdout', 'ready')
    await node.entry('ready')
    pod.setMetadata({ labels: { app: 'web' } })
    await waitUntil('lines of the pod', () => {
      pod.container().write('stdout', 'selected')
      return node.logs(web.name).length > 0
    })
    assert.ok(!node.logs().includes('unselected'))
    pod.setMetadata({ labels: { app: 'other' } })
    await waitUntil('silence', async () => {
      pod.container().write('stdout', `too late ${performance.now()}`)
      witness.container().write('stdout', `later ${performance.now()}`)
      const line = `last ${performance.now()}`
      witness.container().write('stdout', line)
      await node.entry(line)
      return !node
        .logs()
        .slice(-3)
        .some((log) => log.startsWith('too late'))
    })
  })

  test('changes with the configuration file, and survives a faulty one', async (t) => {
    const node = await TestNode.start(t)
    const web1 = node.kubelet.startPod(web)
    const other = node.kubelet.startPod({ ...web, name: 'other', annotations: { team: 'search' } })
    await node.startAgent()
    const both = async (line: string) => {
      web1.container().write('stdout', `web ${line}`)
      other.container().write('stdout', `other ${line}`)
      await node.entry(`other ${line}`)
    }
    await both('1')
    node.configure({ select: { annotations: 'nonsense in' } })
    await waitUntil('a complaint', () => node.agentLog.some(({ level }) => level === 'error'))
    await both('2')
    node.configure({ select: { annotations: 'team=search' } })
    await waitUntil('the change', () => node.agentLog.some(({ message }) => message === 'configuration changed'))
    await both('3')
    await node.stopAgent()
    assert.ok(node.logs().includes('web 2'))
    assert.ok(!node.logs().includes('web 3'))
  })

  test('reads its configuration again when it is told to by SIGHUP, goes on, and says so when nothing has changed', async (t) => {
    const node = await TestNode.start(t)
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    const said = (text: string) => () => node.agentLog.some(({ message }) => message === text)
    node.signal('SIGHUP')
    await waitUntil('the answer', said('configuration reloaded: no changes'))
    node.signal('SIGHUP') // the second one ends it no more than the first
    node.configure({ log: { level: 'debug' } })
    node.signal('SIGHUP')
    await waitUntil('the change', said('configuration changed'))
    pod.container().write('stdout', 'still there')
    await node.entry('still there')
    assert.equal(node.hasEnded, false)
    assert.equal(await node.stopAgent(), 0)
    assert.deepEqual(node.noise, [])
  })
})

describe('files', () => {
  test('that are no container logs are reported once and passed over', async (t) => {
    const node = await TestNode.start(t)
    node.strayFile('README.txt', 'hello\n')
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    pod.container().write('stdout', 'x')
    await node.entry('x')
    node.strayFile('README.txt', 'more\n')
    pod.container().write('stdout', 'y')
    await node.entry('y')
    assert.equal(node.agentLog.filter(({ name }) => name === 'README.txt').length, 1)
    assert.deepEqual(node.logs(), ['x', 'y'])
  })

  test('that cannot be read are reported, and the others go on', async (t) => {
    const node = await TestNode.start(t)
    const folder = `bad_shop_app-${'a'.repeat(64)}.log`
    mkdirSync(join(node.kubelet.logDirectory, folder))
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    pod.container().write('stdout', 'x')
    await node.entry('x')
    await waitUntil('the report', () => node.agentLog.some(({ path }) => String(path).endsWith(folder)))
  })

  test('are followed through rotation, with a line cut in two between them', async (t) => {
    const node = await TestNode.start(t, { kubelet: { maxLogFiles: 10 } })
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'the beginning')
    await node.entry('the beginning')
    const expected: string[] = ['the beginning']
    for (let round = 0; round < 5; round += 1) {
      for (let line = 0; line < 200; line += 1) {
        expected.push(`${round} ${line} ${'x'.repeat(line === 100 ? 40_000 : 20)}`)
        container.write(line % 3 === 0 ? 'stderr' : 'stdout', String(expected.at(-1)))
      }
      container.rotate()
    }
    container.write('stdout', 'the end')
    await node.entry('the end')
    const inOrder = (stream: string) => node.entries.filter((entry) => entry.stream === stream).map(({ log }) => log)
    assert.equal(node.entries.length, expected.length + 1)
    assert.deepEqual(node.logs(), [...expected, 'the end'])
    assert.ok(inOrder('stderr').length > 300)
  })

  test('of a container that restarts are followed, last words included', async (t) => {
    const node = await TestNode.start(t)
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    for (let restart = 0; restart < 4; restart += 1) {
      pod.container().write('stdout', `run ${restart}`)
      pod.container().log.writeUnfinished('stdout', `no newline ${restart}`)
      assert.equal((await node.entry(`run ${restart}`)).kubernetes.restartCount, restart)
      pod.restart('app', (instance) => instance.write('stdout', `first ${restart + 1}`))
      assert.equal((await node.entry(`first ${restart + 1}`)).kubernetes.restartCount, restart + 1)
    }
    node.kubelet.deletePod(pod)
    for (let restart = 0; restart < 4; restart += 1)
      assert.equal((await node.entry(`no newline ${restart}`)).partial, true)
  })

  test('appear in the output soon after they appear on the disk', async (t) => {
    const node = await TestNode.start(t)
    await node.startAgent()
    /** Without the waits for a CPU, of the agent and of this process: what is left is what they chose to wait. */
    const nowMs = () => performance.now() - cpuWaitMsOf(node.pid) - cpuWaitMsOf(process.pid)
    const delays: number[] = []
    for (let index = 0; index < 9; index += 1) {
      const pod = node.kubelet.startPod({ ...web, name: `web-${index}` })
      const startMs = nowMs()
      pod.container().write('stdout', `hello ${index}`)
      await node.entry(`hello ${index}`)
      delays.push(nowMs() - startMs)
    }
    delays.sort((a, b) => a - b)
    assert.ok((delays[4] ?? Infinity) < 250, `median ${delays[4]} ms`)
    assert.ok((delays[8] ?? Infinity) < 1000, `maximum ${delays[8]} ms`)
  })
})

test('tells on SIGUSR2 what became of every line', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.write('stdout', `long ${'x'.repeat(40_000)}`)
  for (let line = 0; line < 50; line += 1) container.write('stdout', `line ${line}`)
  container.log.append(Buffer.from('malformed\n'))
  container.log.writeUnfinished('stderr', 'held')
  container.write('stdout', 'last')
  await node.entry('last')
  node.signal('SIGUSR2')
  await waitUntil('the report', () => node.agentLog.some(({ report }) => report !== undefined))
  const { report } = node.agentLog.findLast((line) => line.report !== undefined) as unknown as { report: AgentReport }
  const [counters] = report.containers
  assert.ok(counters)
  assert.equal(counters.lines, 56)
  assert.equal(counters.joined, 3)
  assert.equal(counters.malformed, 1)
  assert.equal(counters.delivered, 53)
  assert.equal(
    counters.lines,
    counters.repeated + counters.joined + counters.entries - counters.unfinished - counters.losses,
  )
  assert.equal(report.total.entries, 53)
})
