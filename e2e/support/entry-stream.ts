import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** As much of an entry as the tests look at. */
export interface Entry {
  readonly time: string
  readonly stream: string
  readonly log: string
  /** There is no line: why bytes could not be read. */
  readonly lost?: unknown
  readonly kubernetes: {
    readonly namespace: string
    readonly pod: string
    readonly container: string
    readonly uid?: string
    readonly node?: string
    readonly podIP?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly metadata?: string
  }
}

/** Collects the entries of an agent's log, which holds its own messages too. */
export class EntryStream {
  readonly entries: Entry[] = []
  /** Lines that are not one JSON object: there must be none. */
  readonly strangers: string[] = []
  readonly #changes = new EventEmitter()
  #isEnded = false

  constructor(source: Readable) {
    const lines = createInterface({ input: source })
    lines.on('line', (line) => this.#add(line))
    lines.on('close', () => {
      this.#isEnded = true
      this.#changes.emit('change')
    })
  }

  /** Resolves with the first entry, from the `from`th on, that the test accepts; rejects when there is none in time. */
  async find(what: string, isMatch: (entry: Entry) => boolean, from = 0): Promise<Entry> {
    let found: Entry | undefined
    await this.until(what, () => {
      found = this.entries.slice(from).find(isMatch)
      return found !== undefined
    })
    if (found === undefined) throw new Error(`no entry: ${what}`)
    return found
  }

  /** Resolves when the condition holds, which is asked whenever an entry has come; rejects when it does not in a minute. */
  async until(what: string, isMet: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(60_000)
    while (!isMet()) {
      if (this.#isEnded) throw new Error(`the agent's log ended before this came: ${what}`)
      if (deadline.aborted) throw new Error(`did not come within a minute: ${what}; last: ${this.#tail()}`)
      await once(this.#changes, 'change', { signal: deadline }).catch(() => undefined)
    }
  }

  #add(line: string): void {
    const value = parseObject(line)
    if (value === undefined) this.strangers.push(line)
    else if (isEntry(value)) this.entries.push(value)
    this.#changes.emit('change')
  }

  #tail(): string {
    return JSON.stringify(this.entries.slice(-3))
  }
}

/** An entry from its JSON; undefined when it is none. */
export function parseEntry(line: string): Entry | undefined {
  const value = parseObject(line)
  return value !== undefined && isEntry(value) ? value : undefined
}

function parseObject(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function isEntry(value: object): value is Entry {
  return 'kubernetes' in value && 'log' in value
}
