import { parseArgs } from 'node:util'
import { AgentUnderTest } from '../support/agent-under-test.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startMeasuredNode } from './measured-node.ts'

// The restart run: how soon the first new line is out after a restart with 1,000 known files and 100 MB unread, measured from
// the start of the process. The new line is written to a log that has no backlog, right before the start.

const FILES = 1000
const UNREAD_BYTES = 100e6
const LINE = 'z'.repeat(150)

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, program: { type: 'string', default: 'dist/loggy.mjs' } },
})
const node = await startMeasuredNode('restart')
const { kubelet, configPath } = node

const containers = [{ name: 'app', image: 'shop/app:1' }]
const pods = Array.from({ length: FILES }, (_, index) =>
  kubelet.startPod({ namespace: 'shop', name: `pod-${index}`, containers }),
)
for (const pod of pods) pod.container().write('stdout', 'known')
let written = FILES
let marker = ''
let markerMs: number | undefined
let entries = 0
const start = () =>
  AgentUnderTest.start({
    configPath,
    program: values.program,
    onEntry: (line) => {
      entries += 1
      if (marker !== '' && line.includes(marker)) markerMs ??= performance.now()
    },
  })

const results: number[] = []
try {
  let agent = await start()
  await waitUntil('all files are known', () => entries >= FILES, 60_000)
  await agent.stop()
  for (let run = 0; run < Number(values.runs); run += 1) {
    const perFile = Math.ceil(UNREAD_BYTES / (FILES - 1) / (LINE.length + 45))
    for (const pod of pods.slice(1)) for (let line = 0; line < perFile; line += 1) pod.container().write('stdout', LINE)
    written += perFile * (FILES - 1) + 1
    marker = `new line ${run}`
    markerMs = undefined
    pods[0]?.container().write('stdout', marker)
    const startMs = performance.now()
    agent = await start()
    await waitUntil(marker, () => markerMs !== undefined, 60_000)
    results.push((markerMs ?? Number.NaN) - startMs)
    await waitUntil('the rest is read', () => entries >= written, 60_000)
    await agent.stop()
  }
  results.sort((a, b) => a - b)
  const [median, worst] = [results[Math.floor(results.length / 2)] ?? Number.NaN, results.at(-1) ?? Number.NaN]
  process.stdout.write(
    `first new line after ${median.toFixed(0)} ms in the median, ${worst.toFixed(0)} ms at the most\n`,
  )
  if (median > 1000) process.exitCode = 1
} finally {
  await node.close()
}
