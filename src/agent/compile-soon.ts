import { setFlagsFromString } from 'node:v8'

/** After so many calls V8 compiles a function as well as it can; by itself, after fifteen times as many. */
const CALLS = 200

/**
 * For a process that runs for weeks and does little: with 100 lines/s V8 would take a minute to compile all code well, with one an hour, and until then each
 * line takes a tenth longer. Not from the start on: that would take the CPU of 40 to 70 MB of logs, and the first entry would come a tenth later.
 */
export function compileSoon(): void {
  setFlagsFromString(`--invocation-count-for-turbofan=${CALLS}`)
}
