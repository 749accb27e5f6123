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
/** Bytes that are read at a time: about a batch. */
const PIECE_BYTES = 1 << 20

/** Some dead letters, whole lines, at the end of their file. */
export interface Piece {
  readonly lines: readonly Buffer[]
  /** To be called when none of them is needed any more: they are cut off. */
  done(): void
}

/**
 * Moves the dead letters of a file aside, so that an agent that adds to it goes on with a new one; returns the paths of all that are aside, those
 * of earlier replays included, which did not come to their end.
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
 * The lines of a file from its end on, about a mebibyte at a time. What is done with is cut off at once, so that what stands in the file is what is
 * still to be sent, whenever this is ended. The file is removed when it is empty.
 */
export function* piecesFromEnd(path: string): Generator<Piece> {
  const descriptor = openSync(path, 'r+')
  try {
    for (let { size } = fstatSync(descriptor); size > 0; { size } = fstatSync(descriptor)) {
      const { start, bytes } = lastLines(descriptor, size)
      // An agent that had the file open may have added to it meanwhile: that comes next.
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

/** The last whole lines, PIECE_BYTES of them or one that is longer. */
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

/** Without their newlines. */
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
