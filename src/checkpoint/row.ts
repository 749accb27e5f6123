import type { SQLOutputValue } from 'node:sqlite'
import { ByteRanges } from '../lib/byte-ranges.ts'
import { crc32 } from '../lib/crc32.ts'
import type { Checkpoint } from '../model/checkpoint.ts'
import type { FileKey } from './checkpoint.ts'

/**
 * Exactly as SQLite stores it in its own table, so that it can be compared. SQLite has no checksum on its pages: without one per row,
 * a flipped bit could turn a position into a larger one, and the lines in between would be lost.
 * `ahead` is usually empty. Else it holds, separated by slashes: the ranges of each stream beyond its position as `from-to,…`, and the
 * file's place among the files of its log. Older versions wrote no place and ignore it.
 */
export const SCHEMA =
  'CREATE TABLE positions (key text primary key, stdout integer not null, stderr integer not null, ' +
  'ahead text not null, done integer not null, checksum integer not null) strict, without rowid'

/** The columns of the table: key, both positions, ranges ahead, done, checksum. */
export type Row = [FileKey, number, number, string, number, number]

export function encodeRow(key: FileKey, { stdout, stderr, isDone, order }: Checkpoint): Row {
  const isPlain = stdout.ahead.length + stderr.ahead.length === 0 && order === undefined
  const ahead = isPlain ? '' : [textOf(stdout), textOf(stderr), ...(order === undefined ? [] : [order])].join('/')
  const done = isDone ? 1 : 0
  return [key, stdout.head, stderr.head, ahead, done, checksum([key, stdout.head, stderr.head, ahead, done])]
}

/** Undefined if the row does not match its checksum or has other types. */
export function decodeRow(row: unknown): readonly [FileKey, Checkpoint] | undefined {
  const [key, stdout, stderr, ahead, done, check] = row as SQLOutputValue[]
  if (typeof key !== 'string' || typeof stdout !== 'number' || typeof stderr !== 'number') return undefined
  if (typeof ahead !== 'string' || (done !== 0 && done !== 1)) return undefined
  if (checksum([key, stdout, stderr, ahead, done]) !== check) return undefined
  const [ofStdout, ofStderr, place] = ahead.split('/')
  const sets = { stdout: setOf(stdout, ofStdout), stderr: setOf(stderr, ofStderr) }
  return [key, { ...sets, isDone: done === 1, ...(place !== undefined && { order: Number(place) }) }]
}

/** The key comes last, since it may contain any character. */
function checksum([key, ...rest]: [FileKey, number, number, string, number]): number {
  return crc32(`${rest.join(' ')} ${key}`)
}

function textOf({ ahead }: ByteRanges): string {
  return ahead.map(({ from, to }) => `${from}-${to}`).join(',')
}

function setOf(head: number, ahead = ''): ByteRanges {
  const ranges = ahead === '' ? [] : ahead.split(',')
  return ranges.reduce(
    (set, range) => {
      const [from = 0, to = 0] = range.split('-').map(Number)
      return set.with({ from, to })
    },
    ByteRanges.none.with({ from: 0, to: head }),
  )
}
