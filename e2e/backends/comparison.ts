import type { StoredRecord } from './backend.ts'
import type { HostileWriter, WrittenLine } from './written-lines.ts'

/** Differences that are told in full. */
const TOLD = 5

/** Compares what a backend has with what containers wrote, record by record. */
export class Comparison {
  readonly #writers: ReadonlyMap<string, HostileWriter>
  readonly #labels: Readonly<Record<string, string>>
  readonly #ids = new Map<string, string>()
  readonly #usedIds = new Set<string>()
  /** Records that are there again. */
  twice = 0
  /** Of these, those with another id than the first. */
  twiceWithOtherId = 0
  different = 0
  readonly differences: string[] = []

  /** By pod; `labels`: of each pod. */
  constructor(writers: ReadonlyMap<string, HostileWriter>, labels: Readonly<Record<string, string>>) {
    this.#writers = writers
    this.#labels = labels
  }

  get written(): number {
    return [...this.#writers.values()].reduce((sum, { written }) => sum + written.size, 0)
  }

  get lost(): number {
    return this.written - this.#ids.size
  }

  take(record: StoredRecord): void {
    const key = `${record.pod} ${record.time}`
    const line = this.#writers.get(record.pod)?.written.get(record.time)
    if (line === undefined) {
      this.#differ(`no line has that time: ${key}`)
      return
    }
    const id = this.#ids.get(key)
    if (id !== undefined) {
      this.twice += 1
      if (id !== record.id) this.twiceWithOtherId += 1
    } else {
      if (this.#usedIds.has(record.id)) this.#differ(`another record has that id: ${record.id}`)
      this.#ids.set(key, record.id)
      this.#usedIds.add(record.id)
    }
    const found: WrittenLine = {
      stream: record.stream as WrittenLine['stream'],
      body: record.body,
      level: record.level,
    }
    const [is, shall] = [
      { ...found, labels: record.labels },
      { ...line, labels: record.labels && this.#labels },
    ].map((one) => JSON.stringify(one, ['stream', 'body', 'level', 'labels', ...Object.keys(this.#labels)]))
    if (is !== shall) this.#differ(`${key}: ${is} instead of ${shall}`)
  }

  /** Up to so many pods and times of lines that are not there. */
  missing(limit: number): string[] {
    const keys = [...this.#writers].flatMap(([pod, { written }]) => [...written.keys()].map((time) => `${pod} ${time}`))
    return keys.filter((key) => !this.#ids.has(key)).slice(0, limit)
  }

  #differ(how: string): void {
    this.different += 1
    if (this.differences.length < TOLD) this.differences.push(how.slice(0, 1000))
  }
}
