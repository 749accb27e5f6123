import { type Container, keyOf, type StatusAnswer } from './status-answer.ts'

/** Points of a chart: two minutes, one point every two seconds. */
export const POINTS = 60

/** The rates of one container, or of all, between the last two answers. Undefined before there are two. */
export interface Rate {
  readonly linesPerSecond: number | undefined
  readonly bytesPerSecond: number | undefined
}

type Series = (number | null)[]

interface Track {
  lines: number
  bytes: number
  rate: Rate
  readonly series: Series
}

const UNKNOWN: Rate = { linesPerSecond: undefined, bytesPerSecond: undefined }

/** Computes rates from successive answers, and keeps those of the last minutes. */
export class Rates {
  readonly lines: Series = emptySeries()
  readonly bytes: Series = emptySeries()
  readonly lag: Series = emptySeries()
  #tracks = new Map<string, Track>()
  #timeMs: number | undefined
  #total: Rate = UNKNOWN

  /** All containers together. */
  get total(): Rate {
    return this.#total
  }

  update({ time, containers }: StatusAnswer): void {
    const timeMs = Date.parse(time)
    const seconds = this.#timeMs === undefined ? 0 : (timeMs - this.#timeMs) / 1000
    this.#timeMs = timeMs
    const before = this.#tracks
    this.#tracks = new Map()
    for (const container of containers) {
      const key = keyOf(container)
      this.#tracks.set(key, nextTrack(before.get(key), { counters: container.counters, seconds }))
    }
    this.#total = seconds > 0 ? sum(this.#tracks.values()) : UNKNOWN
    push(this.lines, this.#total.linesPerSecond)
    push(this.bytes, this.#total.bytesPerSecond)
    push(
      this.lag,
      containers.reduce((bytes, { lagBytes }) => bytes + lagBytes, 0),
    )
  }

  of(container: Container): Rate {
    return this.#tracks.get(keyOf(container))?.rate ?? UNKNOWN
  }

  /** Lines per second, oldest first; null where unknown. */
  seriesOf(container: Container): Series {
    return this.#tracks.get(keyOf(container))?.series ?? emptySeries()
  }
}

function nextTrack(
  before: Track | undefined,
  { counters, seconds }: Pick<Container, 'counters'> & { readonly seconds: number },
): Track {
  const { lines = 0, bytes = 0 } = counters ?? {}
  const series = before?.series ?? emptySeries()
  // The counters of a log that was reopened start again at zero.
  const isSame = before !== undefined && lines >= before.lines && bytes >= before.bytes
  const isKnown = isSame && seconds > 0 && counters !== undefined
  const rate = isKnown
    ? { linesPerSecond: (lines - before.lines) / seconds, bytesPerSecond: (bytes - before.bytes) / seconds }
    : UNKNOWN
  push(series, rate.linesPerSecond)
  return { lines, bytes, rate, series }
}

function sum(tracks: Iterable<Track>): Rate {
  let linesPerSecond = 0
  let bytesPerSecond = 0
  for (const { rate } of tracks) {
    linesPerSecond += rate.linesPerSecond ?? 0
    bytesPerSecond += rate.bytesPerSecond ?? 0
  }
  return { linesPerSecond, bytesPerSecond }
}

function emptySeries(): Series {
  return new Array<number | null>(POINTS).fill(null)
}

function push(series: Series, value: number | undefined): void {
  series.shift()
  series.push(value ?? null)
}
