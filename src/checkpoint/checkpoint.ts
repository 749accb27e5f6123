import { ByteRanges } from '../lib/byte-ranges.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'

/** Key of a checkpoint: container identity and fingerprint of the file's first line. Opaque in this folder. */
export type FileKey = string

const NOTHING: Checkpoint = { stdout: ByteRanges.none, stderr: ByteRanges.none, isDone: false }

/**
 * The checkpoint after more of its file is settled. It is a union, so order and repetition do not matter.
 * `end`: the file's length, once nothing more can be written to it. `order`: the file's place among the files of its log; never changes.
 */
export function settled(
  before: Checkpoint | undefined,
  { settling, end, order }: { readonly settling: Settling } & Pick<LogFile, 'end' | 'order'>,
): Checkpoint {
  const known = before ?? NOTHING
  const stdout = known.stdout.with(settling.stdout)
  const stderr = known.stderr.with(settling.stderr)
  const isDone = known.isDone || (end !== undefined && Math.min(stdout.head, stderr.head) >= end)
  const place = known.order ?? order
  return place === undefined ? { stdout, stderr, isDone } : { stdout, stderr, isDone, order: place }
}

/** Whether both have the same contents; false if the other one is undefined. */
export function isSameCheckpoint(one: Checkpoint, other: Checkpoint | undefined): boolean {
  if (other === undefined || one.isDone !== other.isDone || one.order !== other.order) return false
  return one.stdout.equals(other.stdout) && one.stderr.equals(other.stderr)
}
