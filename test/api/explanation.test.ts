import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain, type Findings } from '../../src/api/explanation.ts'
import type { ContainerStatus } from '../../src/model/log-status.ts'
import type { ContainerRecord } from '../../src/model/pod-record.ts'
import { noLines } from '../../src/pipeline/line-counters.ts'
import { podWith } from '../support/pod.ts'
import { someContainer } from '../support/some-container.ts'

const waiting: ContainerStatus = {
  ref: someContainer,
  path: '/var/log/pods/0.log',
  state: 'wait',
  reading: undefined,
  lagBytes: 0,
  lagSeconds: 0,
  openFiles: 0,
  heldFiles: 0,
  heldBytes: 0,
  fault: undefined,
  rule: 'select',
  metadata: 'path-only',
  counters: undefined,
}

function sentences(status: Partial<ContainerStatus>): string {
  const { namespace, pod } = someContainer
  const findings: Findings = {
    node: 'node-1',
    namespace,
    pod,
    record: undefined,
    containers: [{ ...waiting, ...status }],
    ofOthers: new Set(),
    ignored: [],
    usesAnnotations: true,
    sinks: [],
    absent: [],
    warnings: [],
  }
  return explain(findings).sentences.join('\n')
}

for (const [status, expected] of [
  [{}, 'Container app is waiting: its pod is not known yet.'],
  [{ rule: 'the pod is not known yet' }, 'Container app is waiting: its pod is not known yet.'],
  [
    { rule: 'select.namespaces.exclude: shop, unless the pod has the annotation loggy.io/include' },
    'Container app is waiting for its pod to become known: it is excluded by select.namespaces.exclude: shop, unless the pod has the annotation loggy.io/include.',
  ],
  [{ metadata: 'known' }, 'Container app is waiting for its turn to be read.'],
  [{ metadata: 'cached' }, 'Container app is waiting for its turn to be read.'],
  [{ metadata: 'known', rule: 'loggy.io/include: "true"' }, 'Container app is waiting for its turn to be read.'],
  [
    { fault: 'EACCES' },
    'Container app is waiting: its pod is not known yet.\nIts log cannot be read, retrying: EACCES (/var/log/pods/0.log).',
  ],
  [
    { state: 'exclude', rule: "Loggy's rule not to read itself" },
    "Container app is excluded by Loggy's rule not to read itself.",
  ],
  [
    {
      ...{ state: 'read', metadata: 'known', joining: { isOn: true, rule: 'parse.multiline: auto' } },
      counters: { ...noLines(), lines: 40, groups: 2, grouped: 30, cut: 1 },
    },
    `Container app is collected by the options under \`select\`.
None of its files is open.
Its entries have its pod's metadata.
Since the agent found it: lines read 40, entries delivered 0.
Stack traces and other records of several lines whose form is known are joined, all other lines are entries of their own, by parse.multiline: auto: 2 so far, of 30 lines, 1 of them parts of longer ones.`,
  ],
] as const satisfies readonly (readonly [Partial<ContainerStatus>, string])[]) {
  test(`explains: ${expected.slice(0, 90)}`, () => assert.equal(sentences(status), expected))
}

test('of a container that is read it is said where its metadata are from', () => {
  const ofMetadata = (metadata: ContainerStatus['metadata']) => sentences({ state: 'read', metadata })
  assert.match(ofMetadata('known'), /Its entries have its pod's metadata\./)
  assert.match(
    ofMetadata('cached'),
    /as an earlier run of the agent stored them: the API server has not reported the pod since\./,
  )
  assert.match(ofMetadata('path-only'), /only the metadata in the path/)
})

test('a container that runs without a log is told from one that was not started', () => {
  const container = { kind: 'container', image: 'x', containerID: undefined, restartCount: 0 } as const
  const containers = new Map<string, ContainerRecord>([
    ['app', { ...container, isRunning: true }],
    ['late', container],
  ])
  const record = podWith({}, { containers })
  const findings: Findings = {
    ...{ node: 'node-1', namespace: 'shop', pod: 'web', record, containers: [], ofOthers: new Set() },
    ...{
      ignored: [],
      usesAnnotations: true,
      sinks: [],
      absent: ['app'],
      warnings: ['The node is wrong.'],
    },
  }
  assert.deepEqual(explain(findings).sentences, [
    'Container app runs without a log on node node-1: check the log path of the runtime and source.directory.',
    'Container late has no log on node node-1: it has not started yet, or its log was deleted.',
    'The node is wrong.',
  ])
})

test('says by what rule lines are not joined, or joined otherwise', () => {
  const read = { state: 'read', metadata: 'known', counters: noLines() } as const
  const rule = 'loggy.io/multiline: "off"'
  assert.match(
    sentences({ ...read, joining: { isOn: false, rule } }),
    /\nEach line is an entry of its own, by loggy\.io\/multiline: "off"\.$/,
  )
  assert.match(
    sentences({ ...read, joining: { isOn: true, rule: 'loggy.io/multiline: "indented"' } }),
    /\nIts lines are joined to records, by loggy\.io\/multiline: "indented": none so far\.$/,
  )
})

test('of a log with a limit it is told which, and whether it waits for it', () => {
  const rules = ['loggy.io/limit: 50 lines/s', 'limit.namespace: 1000 lines/s']
  const told = (state: 'within' | 'delayed' | 'yielding') =>
    sentences({ state: 'read', limit: { rules, state } })
      .split('\n')
      .find((line) => line.startsWith('It has a limit'))
  assert.equal(
    told('delayed'),
    'It has a limit, loggy.io/limit: 50 lines/s, and limit.namespace: 1000 lines/s: it has used that up, and what it writes is read later.',
  )
  assert.match(told('within') ?? '', /it has not used that up\.$/)
  assert.match(told('yielding') ?? '', /is read faster all the same, as its lines would be deleted unread\.$/)
  assert.match(sentences({ state: 'read', counters: { ...noLines(), sampled: 7 } }), /, lines left out by its limit 7/)
})
