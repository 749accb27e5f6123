import { setFlagsFromString } from 'node:v8'

/** After so many calls V8 compiles a function as well as it can; by itself, after fifteen times as many. */
const CALLS = 200

/**
 * For a process that runs for weeks and does little: with 100 lines/s V8 would take a minute to compile all code well, with one an hour, and until then each
 * line takes a tenth longer. While there is much to read it is reached soon anyway, and to compile more then takes the CPU of 200 MB of logs.
 */
export function compileSoon(): void {
  setFlagsFromString(`--invocation-count-for-turbofan=${CALLS}`)
}
