import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSecondsOf, usageOf } from '../support/process-usage.ts'
import type { Corpus } from './corpus.ts'
import { Discard } from './discard.ts'
import { type Spread, spread } from './measurement.ts'
import type { Sender } from './sender.ts'

/** Milliseconds between two looks at agent and server. */
const LOOK_MS = 20
/** Milliseconds without a byte after which an agent is done. The Collector waits up to 0.2 s for more entries of a request. */
const QUIET_MS = 3000
const STUCK_MS = 60_000

/** What it takes to send a corpus somewhere. */
export interface SinkCost {
  readonly agent: string
  readonly sends: string
  readonly runs: number
  /** User and system, all threads, from the last look before the first byte to the last byte. */
  readonly cpuSecondsPerGigabyte: Spread
  /** Sent bytes, with headers, for each byte of input. */
  readonly wireShare: Spread
  /** Of input, 10^6 bytes. */
  readonly megabytesPerSecond: Spread
  readonly peakRssMiB: Spread
}

interface Run {
  readonly cpuSeconds: number
  readonly seconds: number
  readonly wireBytes: number
  readonly peakRssMiB: number
}

/** Each sender in turn, again and again: so what else the machine does concerns all of them. */
export async function measureSinks(
  corpus: Corpus,
  senders: readonly Sender[],
  { runs, say }: { readonly runs: number; readonly say: (text: string) => void },
): Promise<SinkCost[]> {
  const taken = new Map<Sender, Run[]>(senders.map((sender) => [sender, []]))
  const gigabytes = corpus.byteCount / 1e9
  for (let run = 0; run < runs; run += 1) {
    for (const [sender, all] of taken) {
      const one = await measureOnce(corpus, sender)
      say(`${sender.agent}, ${sender.sends}: ${(one.cpuSeconds / gigabytes).toFixed(1)} CPU s/GB`)
      all.push(one)
    }
  }
  return [...taken].map(([{ agent, sends }, all]) => {
    const over = (quantity: (run: Run) => number) => spread(all.map(quantity))
    return {
      agent,
      sends,
      runs,
      cpuSecondsPerGigabyte: over(({ cpuSeconds }) => cpuSeconds / gigabytes),
      wireShare: over(({ wireBytes }) => wireBytes / corpus.byteCount),
      megabytesPerSecond: over(({ seconds }) => corpus.byteCount / 1e6 / seconds),
      peakRssMiB: over(({ peakRssMiB }) => peakRssMiB),
    }
  })
}

/** Throws when anything but the whole corpus is delivered, as far as the agent can tell. */
async function measureOnce(corpus: Corpus, sender: Sender): Promise<Run> {
  const server = await Discard.start()
  try {
    const agent = await sender.start(corpus, server.url)
    try {
      const look = async () => {
        agent.assertRuns()
        const [cpuSeconds, wireBytes] = [cpuSecondsOf(agent.pid), await server.bytes()]
        return { atMs: performance.now(), cpuSeconds, wireBytes }
      }
      let begin = await look()
      let last = begin
      for (let now = begin; ; now = await look()) {
        if (now.wireBytes === 0) begin = now
        if (now.wireBytes > last.wireBytes || now.wireBytes === 0) last = now
        if (now.wireBytes > 0 && now.atMs - last.atMs > QUIET_MS) break
        if (now.wireBytes === 0 && now.cpuSeconds > STUCK_MS / 1000) throw new Error(`${sender.agent} sends nothing`)
        await sleep(LOOK_MS)
      }
      await agent.check()
      return {
        cpuSeconds: last.cpuSeconds - begin.cpuSeconds,
        seconds: (last.atMs - begin.atMs) / 1000,
        wireBytes: last.wireBytes,
        peakRssMiB: usageOf(agent.pid)?.peakRssMiB ?? Number.NaN,
      }
    } finally {
      await agent.stop()
    }
  } finally {
    await server.close()
  }
}
