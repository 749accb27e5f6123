import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Lines to keep, to show why an agent failed: a stack trace and what came before it. */
const KEPT_LINES = 20

/** Reads an agent's own log from the stderr of its process: winston's JSON, and Node's own messages. */
export class AgentStderr {
  readonly #onTrouble: (trouble: string) => void
  #lastLines: readonly string[] = []

  /** `onTrouble` is called with each warning and error, in one line. */
  constructor(onTrouble: (trouble: string) => void) {
    this.#onTrouble = onTrouble
  }

  /** The last lines, unchanged, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lastLines
  }

  /** Reads until the stream ends. */
  async read(stream: Readable): Promise<void> {
    for await (const line of createInterface({ input: stream })) {
      this.#lastLines = [...this.#lastLines, line].slice(-KEPT_LINES)
      const trouble = describeTrouble(line)
      if (trouble !== undefined) this.#onTrouble(trouble)
    }
  }
}

/** Undefined if the line is neither a warning nor an error. */
function describeTrouble(line: string): string | undefined {
  const { time: _, level, message, ...fields } = parseRecord(line)
  if (level !== 'warn' && level !== 'error') return undefined
  const details = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`
  return `agent ${level}: ${String(message)}${details}`
}

function parseRecord(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch (error) {
    // A stack trace is not JSON.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
