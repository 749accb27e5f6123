import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Lines that are kept to tell why an agent died: a stack trace and what came before it. */
const KEPT_LINES = 20

/** An agent's own log, as it comes from the stderr of its process: winston's JSON, and Node's own words. */
export class AgentStderr {
  readonly #onTrouble: (trouble: string) => void
  #lastLines: readonly string[] = []

  /** `onTrouble` is told each warning and error in one line. */
  constructor(onTrouble: (trouble: string) => void) {
    this.#onTrouble = onTrouble
  }

  /** The latest lines as they came, oldest first. */
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

/** Undefined for what is neither a warning nor an error. */
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
    // A stack trace is no JSON.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
