/**
 * Loaded before an agent, as `--import`: its clock is the node's, set as it is. `NODE_CLOCK`: a file with how far that is from the machine's,
 * in milliseconds.
 */
import { readFileSync } from 'node:fs'

const path = process.env.NODE_CLOCK
const machineNow = Date.now
let offsetMs = 0

if (path !== undefined) Date.now = () => machineNow() + currentOffset(path)

/** Read each time: what is written after the clock was set must not seem to be of the future. */
function currentOffset(path: string): number {
  try {
    offsetMs = Number(readFileSync(path, 'utf8'))
  } catch {
    // No descriptor is left: as it was.
  }
  return offsetMs
}
