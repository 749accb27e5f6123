import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import type { SimulatedPod } from '../src/simulation/simulated-pod.ts'
import { TestNode, type TestNodeOptions } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const containers = [{ name: 'app', image: 'x' }]
const agentPod: PodSpec = { namespace: 'loggy', name: 'loggy-x', containers }
const other: PodSpec = { namespace: 'shop', name: 'other', containers }

describe('an agent whose output lands in a log that it reads', () => {
  const cases: [what: string, env: Readonly<Record<string, string>>, options: TestNodeOptions][] = [
    ['without POD_NAME', {}, {}],
    ['without POD_NAME, at a level that hides its start', {}, { config: { log: { level: 'error' } } }],
    ['without POD_NAME, in docker', {}, { kubelet: { runtime: 'docker' } }],
    ['without POD_NAME, and told to begin at the end', {}, { config: { source: { startAt: 'end' } } }],
    ['with the name of another pod', { POD_NAMESPACE: 'shop', POD_NAME: 'other' }, {}],
  ]
  for (const [what, env, options] of cases) {
    test(`makes no loop ${what}`, async (t) => {
      let own: SimulatedPod | undefined
      const onOutput = (stream: 'stdout' | 'stderr', line: string) => own?.container().write(stream, line)
      const node = await TestNode.start(t, { ...options, onOutput })
      own = node.kubelet.startPod(agentPod)
      own.container().write('stderr', 'a warning of the runtime')
      if (env.POD_NAME === 'other') node.kubelet.startPod(other).container().write('stdout', 'taken for its own')
      await node.startAgent(env)
      const isTold = () =>
        node.agentLog.some(({ message }) => message.startsWith('POD_NAMESPACE and POD_NAME are wrong'))
      // At another level nothing tells, and from the end on nothing is there to be recognised yet.
      if (options.config === undefined) await waitUntil('it has found itself', isTold)
      const pod = node.kubelet.startPod({ ...other, name: 'plain' })
      await waitUntil('it reads', () => {
        pod.container().write('stdout', 'is anybody there?')
        return node.logs('plain').length > 0
      })
      for (let i = 0; i < 100; i++) {
        pod.container().write('stdout', `line ${i}`)
        if (i % 25 === 0) await node.entry(`line ${i}`)
      }
      await node.entry('line 99')
      await node.stopAgent()
      // What stood in its log before it knew itself may have come, once; nothing of what it made itself has.
      assert.ok(node.logs('loggy-x').length <= 2, node.logs('loggy-x').slice(0, 5).join('\n'))
      assert.ok(node.entries.every(({ log }) => !log?.includes('"kubernetes"')))
      assert.equal(node.logs('plain').filter((log) => log.startsWith('line ')).length, 100)
    })
  }
})
