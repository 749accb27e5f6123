import { appendFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { followFile } from '../../src/view/follow.ts'

// Follows the file that its argument names, and takes no second chunk until 64 MiB were appended. Prints how many MiB more are in memory then, and how many
// bytes came in the end. A program of its own, run with --expose-gc: in a process with other tests, theirs count too.

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x')
const COUNT = 64

const path = process.argv[2] ?? ''
const chunks = followFile(path, { clock: systemClock, signal: new AbortController().signal, notify: () => {} })
let bytes = await nextLength()
const all = bytes + COUNT * MEGABYTE.length
const second = nextLength()
await delay(100) // what is appended from here on is told by an event
const before = heldBytes()
for (let count = 0; count < COUNT; count += 1) {
  await appendFile(path, MEGABYTE)
  if (count === 0) bytes += await second
  await delay(5)
}
const heldMegabytes = (heldBytes() - before) / MEGABYTE.length
while (bytes < all) bytes += await nextLength()
await chunks.return(undefined)
process.stdout.write(JSON.stringify({ heldMegabytes, bytes }))

async function nextLength(): Promise<number> {
  const { value } = await chunks.next()
  return value?.length ?? 0
}

function heldBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
