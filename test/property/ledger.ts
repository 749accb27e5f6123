import type { StreamName } from '../../src/model/stream-name.ts'
import { inodeOf } from '../support/agent-under-test.ts'
import type { LinkNames } from './log-links.ts'

/** Entries of one process that came one right after the other: its write of all of them may have ended, and been acked, with the last one only. */
export interface Burst {
  /** When the last one came. */
  atMs: number
  /** The same moment on that process's own clock; infinite while more of it waits in a pipe that is not read. */
  ranMs: number
}

/** One entry that came out at the destination. */
export interface Arrival {
  readonly line: WrittenLine
  /** Counts all arrivals. */
  readonly order: number
  readonly atMs: number
  /** Counts the agent processes; undefined where the destination cannot tell. */
  readonly process: number | undefined
  /** The entries that came with it, one right after the other. */
  readonly burst: Burst | undefined
  /** Flagged as a line whose end never came. */
  readonly isPartial: boolean
  /** It is among the dead letters. */
  readonly isRefused: boolean
  readonly kubernetes: Readonly<Record<string, unknown>>
}

/** A line that a container wrote, or began to write. */
export interface WrittenLine {
  readonly origin: Origin
  readonly stream: StreamName
  readonly sequence: number
  /** All of it so far. */
  text: string
  isWhole: boolean
  /** Which file has which part of it. */
  readonly parts: { readonly generation: Generation; readonly text: string }[]
  readonly arrivals: Arrival[]
  /** Torn, or glued to what was: it is delivered whole, but as a line of no format. */
  isMalformed: boolean
  /** NULs before it, no two lines with as many; 0: none. */
  holeBytes: number
  /** The kubelet took it away while no agent could have read it. */
  isForgiven: boolean
  /** A part of it was deleted before the agent that runs now was started: what is left may come as it is. */
  isCut: boolean
  /** What came of it as a line whose beginning or end never came. */
  readonly halves: Set<string>
  /** It was refused together with others, and these or later lines may have been taken first. */
  mayBePassed: boolean
}

/** A place in the output where the agent says that bytes are lost. */
export interface LossMarker {
  readonly text: string
  readonly kubernetes: Readonly<Record<string, unknown>>
}

/** The container instance that wrote a line, as its entries must show it. */
export interface Origin {
  readonly uid: string
  readonly podNumber: number
  readonly podName: string
  readonly container: string
  readonly restartCount: number
  /** What its links say, the newest last: its entries show one of them. */
  readonly links: readonly LinkNames[]
}

/** What was in one file at first; it may be renamed, compressed, copied and deleted. */
export class Generation {
  readonly lines = new Set<WrittenLine>()
  /** What the same log went on in. */
  next: Generation | undefined
  #path: string | undefined
  /** The inodes that hold or held these bytes, and the last name of each. An inode alone may be another file's by now. */
  readonly #names = new Map<string, string>()

  constructor(path: string) {
    this.#path = path
    this.#names.set(inodeOf(path), path)
  }

  /** Undefined when it is deleted. */
  get path(): string | undefined {
    return this.#path
  }

  /** It has another name, or the bytes have another inode too. */
  movedTo(path: string): void {
    this.#path = path
    this.#names.set(inodeOf(path), path)
  }

  /** Its bytes are in a copy now, and not where they were. */
  copiedTo(path: string): void {
    this.#names.clear()
    this.movedTo(path)
  }

  deleted(): void {
    this.#path = undefined
  }

  /** Lines of it that the destination does not have and must get. */
  get owed(): WrittenLine[] {
    return [...this.lines].filter(isOwed)
  }

  successors(): Generation[] {
    return this.next === undefined ? [] : [this.next, ...this.next.successors()]
  }

  isAmong(files: readonly { readonly inode: string; readonly path: string }[]): boolean {
    return files.some(({ inode, path }) => this.#names.get(inode) === path)
  }
}

export function isOwed(line: WrittenLine): boolean {
  return line.arrivals.length === 0 && !line.isForgiven
}

/** What all containers wrote, and what arrived of it. */
export class Ledger {
  /** Containers of which a file without a line was deleted: an agent that has not seen it may suspect that it had some. */
  readonly deletedUnwritten = new Set<Origin>()
  readonly lines: WrittenLine[] = []
  #arrivalCount = 0
  /** Lines that may arrive, by their text. */
  readonly #expected = new Map<string, WrittenLine>()
  readonly #unfinished = new Map<string, WrittenLine>()
  /** Texts of lines that an agent has sent and waits for the ack of. */
  readonly #offered = new Set<string>()
  /** Entries that nobody wrote. */
  readonly strangers: string[] = []
  /** Places in the output where the agent says that bytes are lost. */
  readonly lossMarkers: LossMarker[] = []

  /** A new line, which has no more than its name yet. */
  begin(origin: Origin, stream: StreamName): WrittenLine {
    const sequence = this.lines.length
    const text = `${nameOf(origin)} ${stream} ${sequence} `
    const line: WrittenLine = {
      origin,
      stream,
      sequence,
      text,
      isWhole: false,
      parts: [],
      arrivals: [],
      isMalformed: false,
      holeBytes: 0,
      isForgiven: false,
      isCut: false,
      halves: new Set(),
      mayBePassed: false,
    }
    this.lines.push(line)
    return line
  }

  /** To be called before the line's end is written, so that it never arrives unexpected. */
  expect(line: WrittenLine): void {
    line.isWhole = true
    this.#expected.set(line.text, line)
  }

  /** Its container has ended: what there is of it comes as a partial. */
  expectUnfinished(line: WrittenLine): void {
    this.#unfinished.set(line.text, line)
  }

  arrived(
    entry: string,
    seen: Pick<Arrival, 'atMs' | 'process' | 'burst'> & Partial<Pick<Arrival, 'isRefused'>>,
  ): void {
    const parsed = parsedEntry(entry)
    if (parsed === undefined) {
      this.strangers.push(entry)
      return
    }
    const { log, stream, partial, lost, malformed, truncated, kubernetes } = parsed
    if (lost !== undefined) {
      this.lossMarkers.push({ text: log, kubernetes })
      return
    }
    this.#arrivalCount += 1
    const isPartial = partial === true
    const line = (isPartial ? this.#unfinished : this.#expected).get(log) ?? this.#afterForgiven(log)
    const isMalformed = malformed === true
    const isOdd = truncated !== undefined || isMalformed !== line?.isMalformed
    if (line === undefined && isPartial) this.#cutInTwo(log, kubernetes.containerID)
    if (line === undefined || isOdd || stream !== (isMalformed ? 'unknown' : line.stream)) this.strangers.push(entry)
    else line.arrivals.push({ line, order: this.#arrivalCount, isRefused: false, ...seen, isPartial, kubernetes })
  }

  /** Where the agent tells that bytes may be lost, a line that waits for its end has lost it, as far as anyone can tell: both halves come, flagged. */
  #cutInTwo(half: string, containerID: unknown): void {
    const isLossTold = this.lossMarkers.some(({ kubernetes }) => kubernetes.containerID === containerID)
    for (const line of this.lines) {
      if (!isOf(line.origin, containerID) || line.arrivals.length > 0) continue
      const cuts = [...line.parts.keys()]
        .slice(1)
        .map((at) => [textOf(line.parts.slice(0, at)), textOf(line.parts.slice(at))])
      if (cuts.flat().includes(half)) line.halves.add(half)
      if (isLossTold && cuts.some((halves) => halves.every((one) => line.halves.has(one)))) line.isForgiven = true
    }
  }

  /** The destination was given an entry that it has not acknowledged: the agent is through with the line, and keeps it in memory. */
  offered(entry: string): void {
    const log = parsedEntry(entry)?.log
    if (log !== undefined) this.#offered.add(log)
  }

  /** The entry waits until others are taken. */
  mayBePassed(entry: string): void {
    const line = this.#expected.get(parsedEntry(entry)?.log)
    if (line !== undefined) line.mayBePassed = true
  }

  isInFlight({ text }: WrittenLine): boolean {
    return this.#offered.has(text)
  }

  /** The agent has ended, and what it had in memory with it. */
  noneInFlight(): void {
    this.#offered.clear()
  }

  /** What is left of a line whose end the kubelet took away is joined with the next one: nobody can tell them apart. */
  #afterForgiven(log: string): WrittenLine | undefined {
    return this.lines
      .filter(({ isForgiven, isCut }) => isForgiven || isCut)
      .flatMap(({ parts }) =>
        parts.flatMap((_, at) => parts.slice(at).map((_, more) => parts.slice(at, at + more + 1))),
      )
      .map(textOf)
      .filter((left) => left !== '' && log.startsWith(left))
      .map((left) => this.#expected.get(log.slice(left.length)))
      .find((line) => line !== undefined)
  }

  get owed(): WrittenLine[] {
    return this.lines.filter((line) => isOwed(line) && (line.isWhole || this.#unfinished.has(line.text)))
  }
}

/** For people. */
export function describeLine({ text, isWhole, parts }: WrittenLine): string {
  const files = parts.map(({ generation }) => generation.path?.split('/').at(-1) ?? 'deleted')
  return `${text.slice(0, 30)}… (${text.length} characters${isWhole ? '' : ', never ended'}) in ${files.join(', ')}`
}

export function textOf(parts: readonly { readonly text: string }[]): string {
  return parts.map(({ text }) => text).join('')
}

/** Undefined for what is no JSON. */
export function parsedEntry(entry: string) {
  try {
    return JSON.parse(entry)
  } catch {
    return undefined
  }
}

/** Begins each line, so that it tells where it came from. */
export function nameOf({ podNumber, container, restartCount }: Origin): string {
  return `pod${podNumber}/${container}/${restartCount}`
}

/** Whether a link to its log has that id. */
export function isOf({ links }: Origin, containerID: unknown): boolean {
  return links.some((link) => link.containerID === containerID)
}
