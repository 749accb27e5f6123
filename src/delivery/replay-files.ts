import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

const LINE_FEED = 0x0a
/** Bytes to read at a time: about one batch. */
const PIECE_BYTES = 1 << 20

/** Some dead letters, in whole lines, from the end of a file. */
export interface Piece {
  readonly lines: readonly Buffer[]
  /** Call when all of them are delivered: cuts them off the file. */
  done(): void
}

/**
 * Renames the dead letter files, so that a running agent starts a new one. Returns the paths of all renamed files, including those that
 * earlier replays did not finish.
 */
export function setLettersAside(path: string): string[] {
  const directory = dirname(path)
  const prefix = `${basename(path)}.replay-`
  const numbersOf = () => {
    const names = readdirSync(directory).filter((name) => name.startsWith(prefix))
    return names
      .map((name) => Number(name.slice(prefix.length)))
      .filter(Number.isInteger)
      .sort((a, b) => a - b)
  }
  if (existsSync(path)) renameSync(path, join(directory, `${prefix}${(numbersOf().at(-1) ?? 0) + 1}`))
  return numbersOf().map((number) => join(directory, `${prefix}${number}`))
}

/**
 * The lines of a file from its end backwards, about 1 MiB at a time. Delivered lines are cut off at once, so that the file always contains
 * exactly what is still to be sent, also if the replay is interrupted. The file is removed when it is empty.
 */
export function* piecesFromEnd(path: string): Generator<Piece> {
  const descriptor = openSync(path, 'r+')
  try {
    for (let { size } = fstatSync(descriptor); size > 0; { size } = fstatSync(descriptor)) {
      const { start, bytes } = lastLines(descriptor, size)
      // An agent that still has the file open may have appended to it in the meantime. Those lines come next.
      const done = () => {
        if (fstatSync(descriptor).size === size) ftruncateSync(descriptor, start)
      }
      yield { lines: linesOf(bytes), done }
    }
    rmSync(path)
  } finally {
    closeSync(descriptor)
  }
}

/** The last whole lines: up to PIECE_BYTES, or a single longer one. */
function lastLines(descriptor: number, size: number): { readonly start: number; readonly bytes: Buffer } {
  for (let length = Math.min(PIECE_BYTES, size); ; length = Math.min(length * 2, size)) {
    const bytes = Buffer.alloc(length)
    readSync(descriptor, bytes, 0, length, size - length)
    if (length === size) return { start: 0, bytes }
    const newline = bytes.indexOf(LINE_FEED)
    if (newline >= 0 && newline < length - 1)
      return { start: size - length + newline + 1, bytes: bytes.subarray(newline + 1) }
  }
}

/** The lines without their newlines. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(LINE_FEED, start)
    const end = newline < 0 ? bytes.length : newline
    if (end > start) lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return lines
}
