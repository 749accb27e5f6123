import type { Sent } from '../../model/sink.ts'
import type { Labels } from './labels.ts'
import { labelsIn, parseEntry } from './program.ts'
import type { LokiRefusal, Named } from './refusal.ts'

/** What became of an entry. `untold`: the answer does not say. */
export type Fate = { readonly kind: 'stored' | 'untold' } | { readonly kind: 'refused'; readonly reason: string }

interface SentEntry {
  readonly place: number
  readonly stream: SentStream
  readonly nanoseconds: bigint
  readonly lineBytes: number
}

interface EntriesWithFate {
  readonly entries: readonly SentEntry[]
  readonly fate: Fate
}

interface SentStream {
  readonly labels: Labels
  readonly entries: SentEntry[]
}

/** The streams of a request, to find the entries that an answer names. Made only for a 400: it reads each entry back. */
export class SentStreams {
  readonly #entries: SentEntry[] = []
  readonly #streams: readonly SentStream[]

  constructor(sent: Sent) {
    const byHead = new Map<Uint8Array, SentStream>()
    const byLabels = new Map<string, SentStream>()
    for (const { bytes, head } of sent.entries()) {
      let stream = byHead.get(head)
      if (stream === undefined) {
        const labels = labelsIn(head)
        stream = byLabels.get(JSON.stringify(labels)) ?? { labels, entries: [] }
        byLabels.set(JSON.stringify(labels), stream)
        byHead.set(head, stream)
      }
      const { time, line } = parseEntry(bytes)
      const lineBytes = Buffer.byteLength(line)
      const entry = { place: this.#entries.length, stream, nanoseconds: BigInt(time), lineBytes }
      stream.entries.push(entry)
      this.#entries.push(entry)
    }
    this.#streams = [...byLabels.values()]
  }

  get entryCount(): number {
    return this.#entries.length
  }

  /** Each entry's fate, in the order of places. */
  fatesBy({ named, ofStream, isWhole, reason }: LokiRefusal): Fate[] {
    const stream = ofStream && this.#streamOf(ofStream.labels)
    // An ingester says nothing of other streams, nor of entries that did not come that far.
    const isTold = ofStream === undefined || (!ofStream.isPart && ofStream.entries === stream?.entries.length)
    const fates = this.#entries.map((entry): Fate => {
      const isOfOther = ofStream !== undefined && entry.stream !== stream
      return { kind: isWhole && isTold && !isOfOther ? 'stored' : 'untold' }
    })
    const groups = this.#groupsOf(named)
    // What is known of an entry stands above what is not known of others.
    for (const { entries, fate } of groups.toSorted((a, b) => rank(a.fate) - rank(b.fate)))
      for (const { place } of entries) fates[place] = fate
    if (stream !== undefined && isTold && ofStream?.ignored === ofStream?.entries)
      for (const { place } of stream.entries) fates[place] = { kind: 'refused', reason }
    return fates
  }

  /** Entries that look like named ones: refused if there are as many. If Loki meant others, none is known. */
  #groupsOf(named: readonly Named[]): EntriesWithFate[] {
    const alike = Map.groupBy(named, ({ labels, by }) => `${JSON.stringify(labels)} ${Object.entries(by)}`)
    return [...alike.values()].flatMap((group): EntriesWithFate[] => {
      const [first] = group
      if (first === undefined) return []
      const stream = this.#streamOf(first.labels)
      const entries = stream?.entries.filter((entry) => isNamed(entry, first.by)) ?? []
      const count = group.reduce((sum, one) => sum + one.count, 0)
      if (entries.length === count) return [{ entries, fate: { kind: 'refused', reason: first.reason } }]
      return [{ entries: entries.length > 0 ? entries : this.#entries, fate: { kind: 'untold' } }]
    })
  }

  /** Loki may have added labels, such as `service_name`. Of streams that differ by a label that one has not, it is the one with more. */
  #streamOf(labels: Labels | undefined): SentStream | undefined {
    if (labels === undefined) return this.#streams.length === 1 ? this.#streams[0] : undefined
    const matching = this.#streams.filter((stream) =>
      Object.entries(stream.labels).every(([name, value]) => labels[name] === value),
    )
    const sizeOf = (stream: SentStream) => Object.keys(stream.labels).length
    return matching.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0]
  }
}

function rank({ kind }: Fate): number {
  return kind === 'refused' ? 1 : 0
}

function isNamed(entry: SentEntry, by: Named['by']): boolean {
  if ('nanoseconds' in by) return entry.nanoseconds === by.nanoseconds
  return 'second' in by ? entry.nanoseconds / 1_000_000_000n === by.second : entry.lineBytes === by.lineBytes
}
