import { isUtf8 } from 'node:buffer'
import { LEVELS, type Level, rankInJson, rankInText } from './level.ts'

/** What is done with whole lines besides enriching them. */
export interface RecordOptions {
  /** A body that is a JSON object becomes the entry's `json`, in the place of `log`. */
  readonly json: boolean
  /** Lines that say they are below it are left out. */
  readonly minLevel: Level
}

const OPENING_BRACE = 0x7b
/** Bytes of a text in which its level is looked for. */
const HEAD_BYTES = 256

/** A whole line as an object: what it says is found out when it is asked for. */
export class LineRecord {
  readonly #body: Uint8Array
  #json: Readonly<Record<string, unknown>> | undefined
  #isParsed = false

  constructor(body: Uint8Array) {
    this.#body = body
  }

  /** The body, if the whole of it is one JSON object in valid UTF-8. */
  get json(): Readonly<Record<string, unknown>> | undefined {
    if (!this.#isParsed && this.#body[0] === OPENING_BRACE && isUtf8(this.#body)) this.#json = parseObject(this.#body)
    this.#isParsed = true
    return this.#json
  }

  /** Whether it says that it is. A line that says nothing is not. */
  isBelow(level: Level): boolean {
    if (level === LEVELS[0]) return false
    const rank = this.json === undefined ? rankInText(latin1(this.#body, HEAD_BYTES)) : rankInJson(this.json)
    return rank !== undefined && rank < LEVELS.indexOf(level)
  }
}

/** Undefined for what is no JSON; one that begins with a brace is an object then. */
function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(view(body).toString('utf8'))
  } catch (error) {
    // JSON.parse has no other way to say so.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function latin1(body: Uint8Array, byteCount: number): string {
  return view(body).toString('latin1', 0, byteCount)
}

/** The same bytes. */
function view(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.length)
}
