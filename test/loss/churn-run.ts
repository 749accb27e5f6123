import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { SimulatedPod } from '../../src/simulation/simulated-pod.ts'
import { AgentUnderTest } from '../support/agent-under-test.ts'
import { startMeasuredNode } from './measured-node.ts'

// The churn run: a pod comes and one goes each second, each writes and rotates; the agent's memory, open files and state must
// stay where they were. Prints a sample every ten seconds, and how far the second half's mean lies from the first's.

const PODS = 20
const LINES_PER_SECOND = 50

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, program: { type: 'string', default: 'dist/loggy.mjs' } },
})
const node = await startMeasuredNode('churn', {
  kubelet: { maxLogFiles: 3 },
  config: { enrich: { deletedPodGracePeriod: '1m' } },
})
const { kubelet, configPath } = node

let entries = 0
const agent = await AgentUnderTest.start({ configPath, program: values.program, onEntry: () => (entries += 1) })
const pods: SimulatedPod[] = []
const samples: number[] = []
let written = 0

function second(count: number): void {
  const containers = [{ name: 'app', image: 'shop/app:1' }]
  pods.push(
    kubelet.startPod({ namespace: 'shop', name: `pod-${count}`, annotations: { text: 'x'.repeat(500) }, containers }),
  )
  for (const pod of pods) {
    for (let line = 0; line < LINES_PER_SECOND; line += 1)
      pod.container().write('stdout', `${count} ${line} ${'y'.repeat(100)}`)
    written += LINES_PER_SECOND
  }
  if (count % 5 === 0) pods[count % pods.length]?.container().rotate()
  if (pods.length > PODS) kubelet.deletePod(pods.shift() as SimulatedPod)
}

const residentMiB = () => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]) / 1024

try {
  for (let count = 0; count < Number(values.minutes) * 60; count += 1) {
    second(count)
    await sleep(1000)
    // The first minute is the start: code is compiled, and the kept metadata of deleted pods builds up.
    if (count % 10 === 9)
      process.stdout.write(`${count + 1} s: ${residentMiB().toFixed(1)} MiB, ${agent.openFiles().length} open\n`)
    if (count >= 60) samples.push(residentMiB())
  }
  const mean = (part: number[]) => part.reduce((sum, one) => sum + one, 0) / part.length
  const [first, last] = [samples.slice(0, samples.length / 2), samples.slice(samples.length / 2)]
  const change = mean(last) / mean(first) - 1
  await sleep(1000)
  process.stdout.write(
    `written ${written}, arrived ${entries}; memory ${(change * 100).toFixed(1)} % from half to half\n`,
  )
  if (Math.abs(change) > 0.1 || entries < written) process.exitCode = 1
} finally {
  await agent.stop()
  await node.close()
}
