import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain, type Findings } from '../../src/api/explanation.ts'
import type { ContainerStatus } from '../../src/model.ts'
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
    heedsAnnotations: true,
    sinkTrouble: undefined,
  }
  return explain(findings).sentences.join('\n')
}

for (const [status, expected] of [
  [{}, 'Container app waits to be read: its pod is not known yet.'],
  [{ rule: 'the pod is not known yet' }, 'Container app waits to be read: its pod is not known yet.'],
  [
    { rule: 'select.namespaces.exclude: shop, unless the pod says loggy.io/include' },
    'Container app waits for its pod to be known: it is left out by select.namespaces.exclude: shop, unless the pod says loggy.io/include.',
  ],
  [{ metadata: 'known' }, 'Container app waits for its turn to be read.'],
  [{ metadata: 'known', rule: 'loggy.io/include: "true"' }, 'Container app waits for its turn to be read.'],
  [
    { fault: 'EACCES' },
    'Container app waits to be read: its pod is not known yet.\nIts log cannot be read, which is tried again: EACCES (/var/log/pods/0.log).',
  ],
  [
    { state: 'exclude', rule: "Loggy's rule not to read itself" },
    "Container app is left out by Loggy's rule not to read itself.",
  ],
] as const satisfies readonly (readonly [Partial<ContainerStatus>, string])[]) {
  test(`explains: ${expected.slice(0, 90)}`, () => assert.equal(sentences(status), expected))
}
