import { follow, STARTS } from './grammar.ts'
import { objectOf } from './json-prefix.ts'
import { levelOf } from './level.ts'
import { shapeOf } from './shapes.ts'

/** A whole line of a stream. */
export interface Whole {
  readonly text: Buffer
  /** Bytes as the file has them. */
  readonly rawBytes: number
  readonly offset: number
  readonly byteCount: number
  readonly time: string
  /** What it makes by itself. */
  readonly entry: string
}

/** Lines that make one record. */
export interface Joined {
  readonly lines: readonly Whole[]
  readonly isTrace: boolean
  readonly isCut: boolean
}

const MOST_LINES = 1000
const MOST_MAYBE = 4

/** One stream's lines, joined where they make one record: each line is looked at with all those before it. */
export class Groups {
  readonly #maximumBytes: number
  readonly #entryOf: (joined: Joined) => string
  #state = 'over'
  #sure: Whole[] = []
  #maybe: Whole[] = []
  #isTrace = false
  #isCut = false
  /** Of a JSON object, also those that went out already. */
  #all: Buffer[] = []

  constructor(maximumBytes: number, entryOf: (joined: Joined) => string) {
    this.#maximumBytes = Math.min(256 * 1024, maximumBytes)
    this.#entryOf = entryOf
  }

  /** The entries that are known once the line has come. */
  take(line: Whole): string {
    const isShort = line.rawBytes <= Math.min(this.#maximumBytes, 16 * 1024)
    if (this.#sure.length + this.#maybe.length === 0) return isShort ? this.#begin(line) : line.entry
    const next = isShort ? this.#follow(line.text) : undefined
    if (next === undefined || (next.isMaybe && this.#maybe.length === MOST_MAYBE))
      return this.end() + (isShort ? this.#begin(line) : line.entry)
    let entries = ''
    if (next.isMaybe) this.#maybe.push(line)
    else {
      this.#isTrace ||= !['json', 'pem', 'console'].includes(this.#state)
      for (const one of [...this.#maybe, line]) entries += this.#append(one)
      this.#maybe = []
    }
    this.#state = next.state
    return next.state === 'over' ? entries + this.end() : entries
  }

  /** The entries of all that waits. */
  end(): string {
    const entries = this.#joined() + this.#maybe.map(({ entry }) => entry).join('')
    this.#sure = []
    this.#maybe = []
    this.#isCut = false
    this.#isTrace = false
    return entries
  }

  #joined(): string {
    return this.#sure.length === 0
      ? ''
      : this.#entryOf({ lines: this.#sure, isTrace: this.#isTrace, isCut: this.#isCut })
  }

  #begin(line: Whole): string {
    const text = line.text.toString('latin1')
    const shape = shapeOf(text)
    const state = STARTS[shape] ?? (shape !== 'braced' && mayLead(line.text) ? 'lead' : undefined)
    if (state === undefined) return line.entry
    this.#state = state
    this.#maybe = [line]
    this.#all = [line.text]
    return ''
  }

  #append(line: Whole): string {
    const bytes = [...this.#sure, line].reduce((sum, { text }) => sum + text.length + 1, -1)
    let entries = ''
    if (this.#sure.length === MOST_LINES || (this.#sure.length > 0 && bytes > this.#maximumBytes)) {
      this.#isCut = true
      entries = this.#joined()
      this.#sure = []
    }
    this.#sure.push(line)
    return entries
  }

  /** What may itself have a trace behind it is no exception's name. */
  #usual(text: Buffer, shape: string) {
    const next = follow(this.#state, shape)
    return next?.state === 'leadHeader' && shape !== 'header' && shape !== 'cause' && mayLead(text) ? undefined : next
  }

  #follow(text: Buffer): { readonly state: string; readonly isMaybe: boolean } | undefined {
    const line = text.toString('latin1')
    switch (this.#state) {
      case 'console':
        if (line.startsWith('      ')) return { state: 'console', isMaybe: false }
        return /^[ \t\r]*$/.test(line) ? { state: 'console', isMaybe: true } : undefined
      case 'pem':
        if (/^-----END .*-----$/s.test(line)) return { state: 'over', isMaybe: false }
        return /^(?:[A-Za-z0-9+/=]{0,76}$|Proc-Type: |DEK-Info: )/.test(line)
          ? { state: 'pem', isMaybe: false }
          : undefined
      case 'json': {
        if (line.startsWith('{')) return undefined
        const object = objectOf([...this.#all, text])
        if (object !== undefined) this.#all.push(text)
        return object && { state: object === 'whole' ? 'over' : 'json', isMaybe: false }
      }
      default:
        return this.#usual(text, shapeOf(line))
    }
  }
}

/** Whether a log line may have a trace behind it. */
function mayLead(text: Buffer): boolean {
  const head = text.toString('latin1', 0, 512)
  if (/^(?:[ \t]|$)/.test(head) || shapeOf(text.toString('latin1')) === 'blank') return false
  return /xception|rror|panic/.test(head) || ['warn', 'error', 'fatal'].includes(levelOf(text) ?? '')
}
