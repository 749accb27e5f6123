import type { Batch } from '../model/batch.ts'
import type { Group, Limits, Sent, SentEntry } from '../model/sink.ts'

const NONE = new Uint8Array(0)

/** A range of entries in their batch: places from `from` up to, but not including, `to`. */
interface Run {
  readonly from: number
  readonly to: number
}

type RequestLimits = Pick<Limits, 'requestBytes' | 'requestEntries'>

interface Parts {
  readonly first: Cut
  readonly rest: Cut | undefined
}

/** Some entries of a batch, in order: the contents of one request. Views, not copies. */
export class Cut implements Sent {
  readonly entryCount: number
  /** Of its entries, and of what stands around them. */
  readonly byteCount: number
  readonly #batch: Batch
  readonly #entryBytes: number
  readonly #runs: readonly Run[]
  readonly #isWhole: boolean

  private constructor(batch: Batch, runs: readonly Run[]) {
    this.#batch = batch
    this.#runs = runs
    let entryCount = 0
    for (const { from, to } of runs) entryCount += to - from
    this.entryCount = entryCount
    this.#isWhole = entryCount === batch.entryCount
    this.#entryBytes = this.#isWhole ? batch.bytes.length : bytesOf(batch, runs)
    this.byteCount = this.#entryBytes + this.#countHeads()
  }

  #countHeads(): number {
    let [bytes, counted] = [0, -1]
    if (this.#isWhole) {
      for (const { head } of this.#batch.heads) bytes += head.length // usual
      return bytes
    }
    for (const { index } of this.#parts()) {
      if (index !== counted) bytes += this.#batch.heads[index]?.head.length ?? 0
      counted = index
    }
    return bytes
  }

  /** Its runs, divided where the head is another one, in order; `index`: of the head. */
  *#parts(): Generator<Run & { readonly index: number }> {
    const { heads } = this.#batch
    let index = 0
    for (const run of this.#runs)
      for (let { from } = run; from < run.to; ) {
        while (from >= (heads[index]?.to ?? Infinity)) index += 1
        const to = Math.min(run.to, heads[index]?.to ?? Infinity)
        yield { index, from, to }
        from = to
      }
  }

  /** All entries of the batch. */
  static whole(batch: Batch): Cut {
    return new Cut(batch, [{ from: 0, to: batch.entryCount }])
  }

  /** All entries of the batch, in several parts if some containers' entries need requests of their own. */
  static apart(batch: Batch, isApart: (head: Uint8Array, byteCount: number) => boolean): Cut[] {
    // Usual, and faster.
    if (batch.heads.length < 2) return [Cut.whole(batch)]
    const runs = new Map<Uint8Array, Run[]>()
    let from = 0
    for (const { head, to } of batch.heads) {
      const ofHead = runs.get(head)
      if (ofHead === undefined) runs.set(head, [{ from, to }])
      else ofHead.push({ from, to })
      from = to
    }
    if (runs.size < 2) return [Cut.whole(batch)]
    const { alone = [], together = [] } = Object.groupBy(runs, ([head, ofHead]) =>
      isApart(head, bytesOf(batch, ofHead)) ? 'alone' : 'together',
    )
    if (alone.length === 0) return [Cut.whole(batch)]
    const rest = together.flatMap(([, ofHead]) => ofHead).sort((a, b) => a.from - b.from)
    return [...alone.map(([, ofHead]) => ofHead), rest]
      .filter(({ length }) => length > 0)
      .map((all) => new Cut(batch, all))
  }

  /** Its bytes, in order, by what stands around them in a request. */
  groups(): Group[] {
    const batch = this.#batch
    const { bytes, heads } = batch
    const [first, ...others] = heads
    if (this.#isWhole && first !== undefined && others.length === 0) return [{ head: first.head, pieces: [bytes] }]
    const groups: { readonly head: Uint8Array; readonly pieces: Uint8Array[] }[] = []
    let last = -1
    for (const { index, from, to } of this.#parts()) {
      if (index !== last) groups.push({ head: heads[index]?.head ?? NONE, pieces: [] })
      groups.at(-1)?.pieces.push(bytes.subarray(endBefore(batch, from), endBefore(batch, to)))
      last = index
    }
    return groups
  }

  /** Each entry's place in the batch. */
  *places(): Generator<number> {
    for (const { from, to } of this.#runs) for (let place = from; place < to; place += 1) yield place
  }

  /** Each entry's bytes, and its container's head. */
  *entries(): Generator<SentEntry> {
    const { bytes, heads } = this.#batch
    let index = 0
    for (const place of this.places()) {
      while (place >= (heads[index]?.to ?? Infinity)) index += 1
      yield { bytes: bytes.subarray(this.#end(place), this.#end(place + 1)), head: heads[index]?.head ?? NONE }
    }
  }

  /** Whether it can be one request as it is. */
  fits({ requestEntries, entryBytes }: Pick<Limits, 'requestEntries' | 'entryBytes'>, requestBytes: number): boolean {
    return this.#isWithin({ requestBytes, requestEntries }) && !this.hasLonger(entryBytes)
  }

  #isWithin({ requestBytes, requestEntries }: RequestLimits): boolean {
    return this.byteCount <= requestBytes && this.entryCount <= requestEntries
  }

  /** Splits off as many first entries, with their heads, as the limits allow, but at least one. The second part is undefined if none are left. */
  split(limits: RequestLimits): Parts {
    if (this.#isWithin(limits)) return { first: this, rest: undefined }
    return this.#first({ ...limits, heads: this.#batch.heads })
  }

  /** Two parts whose entries have about the same number of bytes. There must be at least two entries. */
  halves(): [Cut, Cut] {
    // Heads do not count: with a large one, halves would be one entry and all others.
    const { first, rest } = this.#first({
      requestBytes: this.#entryBytes / 2,
      requestEntries: this.entryCount - 1,
      heads: [],
    })
    return [first, rest as Cut]
  }

  #first({ requestBytes, requestEntries, heads }: RequestLimits & Pick<Batch, 'heads'>): Parts {
    let [bytes, count, index, counted] = [0, 0, 0, -1]
    for (const place of this.places()) {
      while (place >= (heads[index]?.to ?? Infinity)) index += 1
      bytes += this.#end(place + 1) - this.#end(place)
      if (index !== counted) bytes += heads[index]?.head.length ?? 0
      counted = index
      if (count > 0 && (bytes > requestBytes || count === requestEntries)) break
      count += 1
    }
    return count === this.entryCount ? { first: this, rest: undefined } : this.#after(count)
  }

  /** Whether it has an entry with more bytes than that. */
  hasLonger(bytes: number): boolean {
    if (this.#entryBytes <= bytes) return false // usual
    for (const { from, to } of this.#runs)
      for (let place = from; place < to; place += 1) if (this.#end(place + 1) - this.#end(place) > bytes) return true
    return false
  }

  /** Entries with more bytes than that, and the others. */
  byLength(bytes: number): { readonly long?: Cut | undefined; readonly rest?: Cut | undefined } {
    if (!this.hasLonger(bytes)) return { rest: this } // usual
    const lengths = Array.from(this.places(), (place) => this.#end(place + 1) - this.#end(place))
    const { long = [], rest = [] } = Object.groupBy(lengths.keys(), (index) =>
      (lengths[index] as number) > bytes ? 'long' : 'rest',
    )
    return { long: this.only(long), rest: this.only(rest) }
  }

  /** The entries at these indexes of the cut, which must ascend; undefined if there are none. */
  only(indexes: readonly number[]): Cut | undefined {
    if (indexes.length === 0) return undefined
    const places = [...this.places()]
    const runs: { from: number; to: number }[] = []
    for (const index of indexes) {
      const place = places[index] as number
      const last = runs.at(-1)
      if (last?.to === place) last.to += 1
      else runs.push({ from: place, to: place + 1 })
    }
    return new Cut(this.#batch, runs)
  }

  /** The first `count` entries, and the rest. */
  #after(count: number): { readonly first: Cut; readonly rest: Cut } {
    const first: Run[] = []
    const rest: Run[] = []
    let left = count
    for (const { from, to } of this.#runs) {
      const middle = Math.min(to, from + left)
      if (middle > from) first.push({ from, to: middle })
      if (to > middle) rest.push({ from: middle, to })
      left -= middle - from
    }
    return { first: new Cut(this.#batch, first), rest: new Cut(this.#batch, rest) }
  }

  #end(place: number): number {
    return endBefore(this.#batch, place)
  }
}

/** The end of the entry before that place. */
function endBefore({ ends }: Batch, place: number): number {
  return place === 0 ? 0 : (ends[place - 1] as number)
}

function bytesOf(batch: Batch, runs: readonly Run[]): number {
  return runs.reduce((sum, { from, to }) => sum + endBefore(batch, to) - endBefore(batch, from), 0)
}
