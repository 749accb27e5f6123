import * as layout from '../kernel/layout.ts'
import { LineTeller, type ToldLine } from '../kernel/line-teller.ts'
import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { ExplainedLine, ExplainedLines } from '../model/explained-line.ts'
import type { LogEnd } from '../model/log-end.ts'
import type { Multiline } from '../model/multiline.ts'
import type { Program } from '../model/program.ts'
import type { Redactor } from '../model/redaction.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'
import { Lane } from './lane.ts'
import { LEVEL_MEANINGS } from './level.ts'
import { Pipeline } from './pipeline.ts'

const NEWLINE = 0x0a

/** What holds for the container. */
export interface LineSettings {
  readonly ref: ContainerRef
  readonly multiline: Exclude<Multiline, 'off'>
  /** What is redacted: one bit for each preset. */
  readonly redacts: number
}

export interface ExplainLinesParts {
  readonly redactor: Redactor
  readonly clock: Clock
  readonly maxLineBytes: number
  /** Makes entries in schema `loggy`, with ids. */
  readonly program: Program
}

/** What is used of a record's entry. */
interface Entry {
  readonly log: string
  readonly lines: number
}

/** Some lines of one record. */
interface Unit {
  readonly told: ToldLine
  readonly offset: number
}

/**
 * Says of each line at the end of a file to which record it belongs, as the agent would read it: a pipeline of its own reads all of them, and the kernel
 * says what each one is. What stands before is not known, so the first record of each stream is left out unless the file begins there.
 */
export function explainLines(
  end: LogEnd,
  settings: LineSettings,
  parts: ExplainLinesParts,
): Omit<ExplainedLines, 'path'> {
  const { multiline } = settings
  const entries = readEntries(end, settings, parts)
  const open = new Map<StreamName | undefined, { entry: Entry; place: number; firstShape: ToldLine['shape'] }>()
  const isBegun = new Set<StreamName | undefined>()
  const lines: ExplainedLine[] = []
  for (const { told, offset } of unitsOf(end, multiline)) {
    const entry = entries.get(offset)
    const before = open.get(told.stream)
    const here =
      entry === undefined
        ? before && { ...before, place: before.place + 1 }
        : { entry, place: 0, firstShape: told.shape }
    if (here === undefined) continue
    open.set(told.stream, here)
    if (entry !== undefined && before !== undefined) isBegun.add(told.stream)
    if (end.offset > 0 && told.stream !== undefined && !isBegun.has(told.stream)) continue
    const { stream, shape, begins } = told
    const { place, firstShape } = here
    lines.push({
      ...{ stream, shape, begins, place, firstShape },
      lines: here.entry.lines,
      text: textOf(here.entry, place),
    })
  }
  return { by: multiline === 'auto' ? 'known' : multiline === 'indented' ? 'indented' : 'start', lines }
}

/** Whole lines: parts of a line that the runtime split are one. */
function* unitsOf({ bytes, offset }: LogEnd, multiline: LineSettings['multiline']): Generator<Unit> {
  const joins = multiline === 'indented' ? layout.JOINS_INDENTED : layout.JOINS_KNOWN
  const teller = new LineTeller(bytes.length, { joinsLines: joins, words: LEVEL_MEANINGS })
  const begun = new Map<StreamName | undefined, Unit>()
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at)
    const lineEnd = newline < 0 ? bytes.length : newline
    const told = teller.tell(bytes.subarray(at, lineEnd))
    const unit = begun.get(told.stream) ?? { told: byPattern(told, multiline), offset: offset + at }
    begun.delete(told.stream)
    if (told.isPart) begun.set(told.stream, unit)
    else yield unit
    at = lineEnd + 1
  }
}

function byPattern(told: ToldLine, multiline: LineSettings['multiline']): ToldLine {
  if (typeof multiline === 'string') return told
  return { ...told, begins: multiline.begins(told.body) ? 'by-shape' : undefined }
}

/** Entries by where their records begin in the file. */
function readEntries(end: LogEnd, { ref, ...settings }: LineSettings, parts: ExplainLinesParts): Map<number, Entry> {
  const { redactor, clock, maxLineBytes, program } = parts
  const pipeline = new Pipeline({ maxLineBytes, batches: 1, redactor }, clock)
  pipeline.configure({ json: false, level: 'off', minLevel: 'trace' })
  const lane = Object.assign(new Lane({ ref }, program), settings)
  const batch = pipeline.newBatch()
  const entries = new Map<number, Entry>()
  const take = () => {
    for (const line of Buffer.from(batch.seal().bytes).toString().split('\n')) {
      if (line === '') continue
      const { id, log, lines = 1 } = JSON.parse(line)
      entries.set(Number.parseInt(id.split('-')[1], 16), { log, lines })
    }
    batch.clear()
  }
  const file = { path: end.path, key: end.path }
  for (let at = 0, isFull = true; at < end.bytes.length || isFull; ) {
    const chunk = { file, bytes: end.bytes.subarray(at), offset: end.offset + at, isFinal: true }
    const { byteCount, isBatchFull } = pipeline.encode(chunk, lane, batch)
    take()
    isFull = isBatchFull
    at += byteCount
    if (byteCount === 0 && !isBatchFull) break
  }
  while (!pipeline.flushGroups(STREAM_NAMES, lane, batch)) take()
  while (!pipeline.flushHeld(lane, batch)) take()
  take()
  return entries
}

/** The text of one of its lines. Where what was redacted goes over several, the first one has all that is left. */
function textOf({ log, lines }: Entry, place: number): string | undefined {
  const texts = log.split('\n')
  if (texts.length === lines) return texts[place]
  return place === 0 ? log : undefined
}
