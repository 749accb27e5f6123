import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { NodeCheck } from '../../src/select/node-check.ts'
import { ManualClock, RecordingLog } from '../kube/support.ts'
import { podWith } from '../support/pod.ts'
import { someContainer } from '../support/some-container.ts'

const refOf = (pod: string, container = 'app'): ContainerRef => ({ ...someContainer, pod, container })
const podOf = (name: string, names: Readonly<Record<string, boolean>> = { app: true }): PodRecord => {
  const base = { kind: 'container', image: 'x', containerID: undefined, restartCount: 0 } as const
  const containers = Object.entries(names).map(([container, isRunning]) => {
    return [container, { ...base, ...(isRunning && { isRunning: true as const }) }] as const
  })
  return podWith({}, { name, containers: new Map(containers) })
}

function setUp() {
  const node: { pods: PodRecord[] | undefined; logs: ContainerRef[] } = { pods: [], logs: [] }
  const log = new RecordingLog()
  const clock = new ManualClock()
  const check = new NodeCheck(
    { nodeName: 'node-1', directory: '/logs' },
    { pods: () => node.pods, logs: () => node.logs, clock, log },
  )
  /** Looks every second, as the agent does. */
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000)
      check.look()
    }
  }
  return { node, log, check, pass }
}

describe('a container that runs without a log', () => {
  test('is noticed after a minute, and said once', () => {
    const { node, log, check, pass } = setUp()
    node.pods = [podOf('web'), podOf('quiet')]
    node.logs = [refOf('web')]
    pass(60)
    assert.deepEqual(check.absent, [])
    pass(120)
    assert.deepEqual(check.absent, ['shop/quiet/app'])
    assert.deepEqual(check.warnings, ['Running without a log in /logs for a minute: shop/quiet/app.'])
    assert.deepEqual(
      log.entries.map(({ fields }) => fields),
      [{ directory: '/logs', count: 1, containers: ['shop/quiet/app'] }],
    )
    node.logs.push(refOf('quiet'))
    pass(10)
    assert.deepEqual([check.absent, check.warnings], [[], []])
  })

  test('is not one that does not run, nor one whose log comes in time, nor one that is gone', () => {
    const { node, check, pass } = setUp()
    node.pods = [podOf('web'), podOf('done', { app: false, setup: false }), podOf('late'), podOf('short')]
    node.logs = [refOf('web')]
    pass(50)
    node.logs.push(refOf('late'))
    node.pods.pop()
    pass(200)
    assert.deepEqual(check.absent, [])
  })

  test('names a few in the warning and all to who asks', () => {
    const { node, log, check, pass } = setUp()
    node.pods = [podOf('web'), ...Array.from({ length: 50 }, (_, index) => podOf(`pod-${index}`))]
    node.logs = [refOf('web')]
    pass(90)
    assert.equal(check.absent.length, 50)
    assert.deepEqual(check.warnings, ['Running without a log in /logs for a minute: shop/pod-0/app and 49 more.'])
    assert.equal(log.entries.length, 1)
    const names = Array.from({ length: 10 }, (_, index) => `shop/pod-${index}/app`)
    assert.deepEqual(log.entries[0]?.fields, { directory: '/logs', count: 50, containers: names })
  })
})

describe('a node name', () => {
  for (const [what, pods] of [
    ['that the API server knows no pod on', []],
    ['of another node', [podOf('elsewhere')]],
  ] as const) {
    test(`${what} is noticed after a minute, and said once`, () => {
      const { node, log, check, pass } = setUp()
      node.pods = [...pods]
      node.logs = [refOf('web')]
      pass(60)
      assert.equal(check.isNodeWrong, false)
      pass(60)
      assert.equal(check.isNodeWrong, true)
      assert.deepEqual(check.absent, [], 'the containers of another node are none of this one')
      assert.match(
        check.warnings.join(),
        /on node node-1: NODE_NAME \(kubernetes\.nodeName\) is the name of another node, or of none/,
      )
      pass(60)
      assert.equal(log.entries.length, 1)
      node.pods.push(podOf('web'))
      pass(10)
      assert.equal(check.isNodeWrong, false)
    })
  }

  test('is not doubted before the first list, nor while there is no log', () => {
    const { node, log, check, pass } = setUp()
    node.logs = [refOf('web')]
    node.pods = undefined
    pass(200)
    node.logs = []
    node.pods = []
    pass(200)
    assert.deepEqual([check.isNodeWrong, log.entries], [false, []])
  })
})
