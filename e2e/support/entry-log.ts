import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** How much of the last entries a failure shows: one may have a megabyte. */
const LAST_BYTES = 3000

/** As much of an entry as the tests look at. */
export interface Entry {
  readonly time: string
  readonly stream: string
  /** Absent where `json` stands in its place. */
  readonly log?: string
  readonly json?: unknown
  /** Last words without a newline. */
  readonly partial?: boolean
  /** There is no line: why bytes could not be read. */
  readonly lost?: unknown
  readonly kubernetes: {
    readonly namespace: string
    readonly pod: string
    readonly container: string
    readonly containerKind?: string
    readonly uid?: string
    readonly node?: string
    readonly podIP?: string
    readonly image?: string
    readonly containerID?: string
    readonly restartCount?: number
    readonly owner?: { readonly kind: string; readonly name: string }
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    /** `path-only`: nothing but the file's name is known. `cached`: what the agent had on disk. */
    readonly metadata?: string
  }
}

/** The entries of an agent as they come, from its log, which holds its own messages too, or from a collector. */
export class EntryLog {
  readonly entries: Entry[] = []
  /** Lines that are not one JSON object: there must be none. */
  readonly strangers: string[] = []
  readonly #changes = new EventEmitter()
  #isEnded = false

  /** Takes all lines of a stream, and knows of its end. */
  follow(source: Readable): void {
    const lines = createInterface({ input: source })
    lines.on('line', (line) => this.take(line))
    lines.on('close', () => {
      this.#isEnded = true
      this.#changes.emit('change')
    })
  }

  /** Takes a line. */
  take(line: string): void {
    const value = parseObject(line)
    if (value === undefined) this.strangers.push(line)
    else if (isEntry(value)) this.entries.push(value)
    this.#changes.emit('change')
  }

  /** Those of a pod. */
  ofPod(pod: string): Entry[] {
    return this.entries.filter(({ kubernetes }) => kubernetes.pod === pod)
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

  /** Resolves when the condition holds, which is asked whenever an entry has come; rejects when it does not in time. */
  async until(what: string, isMet: () => boolean, deadlineMs = 60_000): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs)
    while (!isMet()) {
      if (this.#isEnded) throw new Error(`the agent's log ended before this came: ${what}`)
      if (deadline.aborted) throw new Error(`did not come within ${deadlineMs} ms: ${what}; last: ${this.#tail()}`)
      await once(this.#changes, 'change', { signal: deadline }).catch(() => undefined)
    }
  }

  #tail(): string {
    return JSON.stringify(this.entries.slice(-3)).slice(0, LAST_BYTES)
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
  return 'kubernetes' in value && ('log' in value || 'json' in value || 'lost' in value)
}
