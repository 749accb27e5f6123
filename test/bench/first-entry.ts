import { waitUntil } from '../support/wait-until.ts'
import { BenchNode } from './bench-node.ts'
import { EntryPipe } from './entry-pipe.ts'
import { type Spread, spread } from './measurement.ts'
import { mark } from './paced-load.ts'

const FILES = 500

/** How soon an agent that knows nothing yet delivers, on a node with many logs of one line each. */
export interface FirstEntryResult {
  readonly files: number
  readonly runs: number
  /** Milliseconds from the start of the process to the first entry in the output. */
  readonly firstEntryMs: Spread
}

export async function measureFirstEntry(runs: number): Promise<FirstEntryResult> {
  const node = await BenchNode.start()
  try {
    for (const { log } of node.startContainers(FILES)) log.write('stdout', mark(0, 0))
    const times: number[] = []
    for (let run = 0; run < runs; run += 1) times.push(await firstEntryOnce(node))
    return { files: FILES, runs, firstEntryMs: spread(times) }
  } finally {
    await node.close()
  }
}

async function firstEntryOnce(node: BenchNode): Promise<number> {
  const pipe = new EntryPipe(node.root)
  const agent = node.spawnAgent({ stdout: pipe.writer })
  await agent.started()
  await waitUntil('all entries are there', () => pipe.entries === FILES)
  await agent.stop()
  pipe.close()
  return (pipe.firstMs ?? Number.NaN) - agent.spawnedMs
}
