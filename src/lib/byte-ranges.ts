/** Bytes of a file from offset `from` (inclusive) to `to` (exclusive). */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/** A set of a file's bytes: all before `head`, and the ranges `ahead` of it, after gaps. Usually there are none. Immutable. */
export class ByteRanges {
  static readonly none = new ByteRanges(0, [])
  readonly head: number
  /** Ascending; none is empty, and none touches another one or `head`. */
  readonly ahead: readonly ByteRange[]

  private constructor(head: number, ahead: readonly ByteRange[]) {
    this.head = head
    this.ahead = ahead
  }

  /** The union with one more range; the same object if the range is already in the set. */
  with(range: ByteRange): ByteRanges {
    let { from, to } = range
    if (from >= to || to <= this.head) return this
    const apart: ByteRange[] = []
    for (const other of this.ahead) {
      if (other.from <= from && to <= other.to) return this
      if (other.to < from || to < other.from) {
        apart.push(other)
        continue
      }
      from = Math.min(from, other.from)
      to = Math.max(to, other.to)
    }
    if (from <= this.head) return new ByteRanges(to, apart)
    return new ByteRanges(
      this.head,
      [...apart, { from, to }].sort((a, b) => a.from - b.from),
    )
  }

  has(offset: number): boolean {
    return offset < this.head || this.ahead.some(({ from, to }) => from <= offset && offset < to)
  }

  /** End of the last range; no byte from here on is in the set. */
  get end(): number {
    return this.ahead.at(-1)?.to ?? this.head
  }

  equals(other: ByteRanges): boolean {
    const isSame = ({ from, to }: ByteRange, index: number) =>
      from === other.ahead[index]?.from && to === other.ahead[index]?.to
    return this.head === other.head && this.ahead.length === other.ahead.length && this.ahead.every(isSame)
  }
}
