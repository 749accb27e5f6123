import type { Kernel, Verdict } from '../kernel/kernel.ts'
import { LEVELS, type Level, rankInJson, rankInText } from './level.ts'

// Hot file while lines are judged: runs once per line then. Guarded by test/bench.

/** What is done with whole lines besides enriching them. */
export interface JudgeOptions {
  /** A body that is a JSON object becomes the entry's `json`, in the place of `log`. */
  readonly json: boolean
  /** Lines that say they are below it are left out; one that says nothing is not. */
  readonly minLevel: Level
}

const OPENING_BRACE = 0x7b
/** Bytes of a text in which its level is looked for. */
const HEAD_BYTES = 256

/** Says what is to become of the line with that body. */
export function judge(
  bytes: Buffer,
  start: number,
  end: number,
  kernel: Kernel,
  { json, minLevel }: JudgeOptions,
): Verdict {
  const isBraced = bytes[start] === OPENING_BRACE
  const isJson = isBraced && kernel.isJsonObject(bytes, start, end)
  // What is nearly JSON says nothing: words in its strings are no level.
  if (minLevel !== LEVELS[0] && isJson === isBraced) {
    const rank = isJson
      ? rankInJson((_, place) => kernel.members.valueAt(place))
      : rankInText(bytes.toString('latin1', start, Math.min(end, start + HEAD_BYTES)))
    if (rank !== undefined && rank < LEVELS.indexOf(minLevel)) return 'left out'
  }
  return json && isJson ? 'json' : 'text'
}
