import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiObject } from '../../src/simulation/api-objects.ts'
import { MAXIMUM_ANNOTATION_BYTES, metadataPod } from './metadata-pods.ts'
import { type MetadataCost, MetadataSide } from './metadata-side.ts'

// What following the API costs the agent: `npm run bench:metadata`. The API server is this process, the agent's side another one.

const RELISTS = 8
const CHURN_PODS_PER_SECOND = 20
const CHURN_SECONDS = 20
/** Changes of a real pod from its creation on: scheduled, sandbox, started, ready, marked deleted, ended. */
const CHANGES_PER_POD = 6
/** Processes of which the median is taken where one process gives one figure. */
const STARTS = 3
const root = mkdtempSync(join(tmpdir(), 'loggy-metadata-'))

function pods(count: number, { large }: { readonly large: number }): ApiObject[] {
  return Array.from({ length: count }, (_, index) =>
    metadataPod({
      nodeName: 'node-1',
      index,
      annotationBytes: index < large ? MAXIMUM_ANNOTATION_BYTES - 1024 : 0,
    }),
  )
}

interface Case {
  readonly pods: readonly ApiObject[]
  readonly measuresStalls: boolean
}

async function withSide<T>({ pods, measuresStalls }: Case, measure: (side: MetadataSide) => Promise<T>): Promise<T> {
  const side = await MetadataSide.start(pods, { root, measuresStalls })
  try {
    return await measure(side)
  } finally {
    await side.end()
  }
}

/** A new process's first list, the one after it, and those that follow. */
function relists(of: Case) {
  return withSide(of, async (side) => {
    const first = await side.cost(() => side.follow())
    const costs: MetadataCost[] = []
    for (let relist = 0; relist < RELISTS; relist += 1) costs.push(await side.cost(() => side.relist()))
    return { first, second: costs[0] ?? first, costs, peak: await side.usage() }
  })
}

async function reportRelists(name: string, objects: readonly ApiObject[]): Promise<void> {
  const runs: Awaited<ReturnType<typeof relists>>[] = []
  for (let start = 0; start < STARTS; start += 1) runs.push(await relists({ pods: objects, measuresStalls: false }))
  const { costs, first } = await relists({ pods: objects, measuresStalls: true })
  const cpu = (pick: (run: (typeof runs)[number]) => number) => median(runs.map(pick))
  const changes = Math.max(...runs.flatMap(({ costs }) => costs.map(({ changes }) => changes)))
  print(`${name}: list at the start`, `${cpu(({ first }) => first.cpuMs).toFixed(1)} ms of CPU`)
  print(`${name}: first relist`, `${cpu(({ second }) => second.cpuMs).toFixed(1)} ms of CPU`)
  print(
    `${name}: later relists, median and worst`,
    `${cpu(({ costs }) => median(costs.map(({ cpuMs }) => cpuMs))).toFixed(1)}, ${cpu(({ costs }) => Math.max(...costs.map(({ cpuMs }) => cpuMs))).toFixed(1)} ms of CPU`,
  )
  print(
    `${name}: event loop blocked at most, start and relists`,
    `${first.longestStallMs.toFixed(1)} and ${median(costs.map(({ longestStallMs }) => longestStallMs)).toFixed(1)} ms`,
  )
  print(`${name}: changes announced by a relist`, `${changes}`)
  print(`${name}: RSS after ${RELISTS} relists`, `${cpu(({ peak }) => peak.rssMiB).toFixed(1)} MiB`)
}

/** CHURN_PODS_PER_SECOND pods come, change and go. */
async function churn(side: MetadataSide): Promise<void> {
  const startMs = performance.now()
  const living: ApiObject[] = []
  for (let index = 0; index < CHURN_PODS_PER_SECOND * CHURN_SECONDS; index += 1) {
    const pod = metadataPod({ nodeName: 'node-1', index: 10_000 + index })
    living.push(pod)
    for (let change = 0; change <= CHANGES_PER_POD; change += 1)
      side.server.upsert({ ...pod, status: { ...pod.status, step: change } })
    const gone = living.length > CHURN_PODS_PER_SECOND ? living.shift() : undefined
    if (gone !== undefined) side.server.delete(gone)
    await sleep(Math.max(0, startMs + ((index + 1) * 1000) / CHURN_PODS_PER_SECOND - performance.now()))
  }
}

async function reportChurn(): Promise<void> {
  const cost = (measuresStalls: boolean) =>
    withSide({ pods: pods(250, { large: 0 }), measuresStalls }, async (side) => {
      await side.cost(() => side.follow())
      return await side.cost(() => churn(side))
    })
  const { cpuMs } = await cost(false)
  const { longestStallMs } = await cost(true)
  print(
    `churn of ${CHURN_PODS_PER_SECOND} pods/s, ${CHANGES_PER_POD + 2} events each`,
    `${(cpuMs / CHURN_SECONDS / 10).toFixed(2)} % of a core, event loop blocked ${longestStallMs.toFixed(1)} ms at most`,
  )
}

async function reportMemory(): Promise<void> {
  const used = (objects: readonly ApiObject[]) =>
    withSide({ pods: objects, measuresStalls: false }, async (side) => {
      await side.cost(() => side.follow())
      return await side.usage({ collect: true })
    })
  const cases = { none: [], '250 pods': pods(250, { large: 0 }), '250 pods, 10 large': pods(250, { large: 10 }) }
  for (const [name, objects] of Object.entries(cases)) {
    const { heapMiB, rssMiB } = await used(objects)
    print(`memory: ${name}`, `heap ${heapMiB.toFixed(1)} MiB, RSS ${rssMiB.toFixed(1)} MiB`)
  }
}

function print(name: string, figure: string): void {
  process.stdout.write(`${name.padEnd(64)}${figure}\n`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

try {
  await reportRelists('500 pods', pods(500, { large: 0 }))
  await reportRelists('250 pods, 10 with 256 KiB', pods(250, { large: 10 }))
  await reportChurn()
  await reportMemory()
} finally {
  rmSync(root, { recursive: true })
}
