import type { Level } from '../../src/model/level.ts'
import type { Container } from '../../src/page/status-answer.ts'
import { noLines } from '../../src/pipeline/line-counters.ts'

export interface TestEntry {
  readonly time: string
  readonly level?: Level | undefined
  readonly stream: 'stdout' | 'stderr'
  readonly log: string
  readonly kubernetes: {
    readonly namespace: string
    readonly pod: string
    readonly container: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly [name: string]: unknown
  }
}

export interface EntrySketch {
  readonly level?: Level
  readonly app?: string
  readonly team?: string
  readonly stream?: 'stdout' | 'stderr'
  readonly annotations?: Readonly<Record<string, string>>
}

/** An entry as the agent writes it. */
export function testEntry(
  log: string,
  { app = 'web', team = 'shop', stream = 'stdout', level, annotations }: EntrySketch = {},
) {
  return {
    time: `${new Date().toISOString().slice(0, -1)}456789Z`,
    stream,
    level,
    log,
    kubernetes: {
      namespace: 'shop',
      pod: `${app}-7c5d9f-x2x9z`,
      container: 'app',
      uid: '2f1c0a3e-2b7d-4c5e-9a52-0f3f5f1f1e11',
      node: 'node-1',
      podIP: '10.0.0.12',
      image: `registry.example/shop/${app}:1.2.3`,
      containerID: '9b1f0c2d',
      restartCount: 0,
      owner: { kind: 'Deployment', name: app },
      labels: { app, 'pod-template-hash': '7c5d9f' },
      annotations: { team, ...annotations },
    },
  } satisfies TestEntry
}

/** A container that is read, of a pod that is known. */
export function testContainer(pod: string, changes: Partial<Container> = {}): Container {
  const path = `/var/log/pods/shop_${pod}_uid/app/0.log`
  return {
    namespace: 'shop',
    pod,
    container: 'app',
    uid: `uid-of-${pod}`,
    restartCount: 0,
    containerID: undefined,
    path,
    state: 'read',
    rule: 'select',
    metadata: 'known',
    reading: { path, offset: 0 },
    lagBytes: 0,
    lagSeconds: 0,
    openFiles: 0,
    heldFiles: 0,
    heldBytes: 0,
    fault: undefined,
    counters: noLines(),
    ...changes,
  }
}

/** The same containers later: each has written so much. */
export function later(containers: readonly Container[], linesOf: (index: number) => number): readonly Container[] {
  return containers.map((container, index) => {
    const { counters } = container
    if (counters === undefined) return container
    const lines = linesOf(index)
    return {
      ...container,
      counters: { ...counters, lines: counters.lines + lines, bytes: counters.bytes + lines * 120 },
    }
  })
}
