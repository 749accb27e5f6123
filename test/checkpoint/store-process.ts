/**
 * A process with a store, for tests that kill it or take its disk away. `node store-process.ts DIRECTORY LOCK_WAIT_MS`; each line
 * on standard input is one command, and each is answered by one line. Warnings go to standard error at once.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { type Answer, type Command, KEYS, TICK_MS } from './store-protocol.ts'
import { KeptLog, upTo } from './support.ts'

class SpokenLog extends KeptLog {
  override warn(message: string): void {
    super.warn(message)
    writeSync(2, `${this.lines.at(-1)}\n`)
  }
}

await main(String(process.argv[2]), Number(process.argv[3]))

async function main(directory: string, lockWaitMs: number): Promise<void> {
  const log = new SpokenLog()
  const store = await CheckpointStore.open(directory, { clock: systemClock, log, graceMs: 3_600_000, lockWaitMs })
  const keys = Array.from({ length: KEYS }, (_, n) => `key/${n}`)
  const answer = (stdout?: number) => say({ stdout, counters: store.counters, log: log.lines })
  answer()
  for await (const line of createInterface(process.stdin)) {
    const command = JSON.parse(line) as Command
    if (command.is === 'run') {
      let { tick } = command
      setInterval(() => {
        writeSync(1, `${tick}\n`)
        store.advance(`key/${tick % KEYS}`, upTo(tick, 0))
        tick += 1
        if (tick % 16 === 0) store.seen(keys) // so that kills also meet the tidying
      }, TICK_MS)
      continue
    }
    if (command.is === 'advance') store.advance(command.key, upTo(command.stdout, 0))
    else if (command.is === 'seen') store.seen(keys)
    else if (command.is !== 'get') store[command.is]()
    answer(command.is === 'get' ? store.get(command.key)?.stdout.head : undefined)
  }
}

function say(answer: Answer): void {
  writeSync(1, `${JSON.stringify(answer)}\n`)
}
