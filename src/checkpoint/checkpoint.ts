import { ByteRanges } from '../lib/byte-ranges.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'

/** What a file's checkpoint is kept under: container identity and fingerprint of the file's first line. Opaque here. */
export type FileKey = string

const NOTHING: Checkpoint = { stdout: ByteRanges.none, stderr: ByteRanges.none, isDone: false }

/**
 * The checkpoint once more of its file is settled. A union, so it does not matter in which order that comes, or how often.
 * `end`: the file's length, once nothing can follow. `order`: its place among the files of its log, which it keeps.
 */
export function settled(
  before: Checkpoint | undefined,
  { settling, end, order }: { readonly settling: Settling } & Pick<LogFile, 'end' | 'order'>,
): Checkpoint {
  const { isDone, order: place = order, ...sets } = before ?? NOTHING
  const [stdout, stderr] = [sets.stdout.with(settling.stdout), sets.stderr.with(settling.stderr)]
  const isOver = isDone || (end !== undefined && Math.min(stdout.head, stderr.head) >= end)
  return { stdout, stderr, isDone: isOver, ...(place !== undefined && { order: place }) }
}

/** Whether both say the same; with nothing on one side they never do. */
export function isSameCheckpoint(one: Checkpoint, other: Checkpoint | undefined): boolean {
  if (other === undefined || one.isDone !== other.isDone || one.order !== other.order) return false
  return one.stdout.equals(other.stdout) && one.stderr.equals(other.stderr)
}
