import { isUtf8 } from 'node:buffer'
import type { Verdict } from '../kernel/kernel.ts'
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
const NEWLINE = 0x0a
/** Bytes of a text in which its level is looked for. */
const HEAD_BYTES = 256

type JsonObject = Readonly<Record<string, unknown>>

/** Says what is to become of the line with that body. */
export function judge(bytes: Buffer, start: number, end: number, { json, minLevel }: JudgeOptions): Verdict {
  const object = bytes[start] === OPENING_BRACE ? objectIn(bytes, start, end) : undefined
  if (minLevel !== LEVELS[0]) {
    const head = () => bytes.toString('latin1', start, Math.min(end, start + HEAD_BYTES))
    const rank = object === undefined ? rankInText(head()) : rankInJson(object)
    if (rank !== undefined && rank < LEVELS.indexOf(minLevel)) return 'left out'
  }
  return json && object !== undefined && isOneLineOfUtf8(bytes.subarray(start, end)) ? 'json' : 'text'
}

/**
 * Undefined for what is no JSON; one that begins with a brace is an object then. Read as Latin-1, which is twice as fast: whether it is
 * JSON, and what its ASCII members say, is the same.
 */
function objectIn(bytes: Buffer, start: number, end: number): JsonObject | undefined {
  try {
    return JSON.parse(bytes.toString('latin1', start, end))
  } catch (error) {
    // JSON.parse has no other way to say so.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A docker record's text may have newlines between its tokens, and an entry is one line. */
function isOneLineOfUtf8(body: Uint8Array): boolean {
  return isUtf8(body) && !body.includes(NEWLINE)
}
