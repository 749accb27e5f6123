import type { Checkpoint } from '../model.ts'

/** What a file's checkpoint is kept under: container identity and fingerprint of the file's first line. Opaque here. */
export type FileKey = string

/** The one, but not behind the other in anything: what was delivered once stays delivered. */
export function furthest(one: Checkpoint, other: Checkpoint | undefined): Checkpoint {
  if (other === undefined) return one
  const [stdout, stderr] = [Math.max(one.stdout, other.stdout), Math.max(one.stderr, other.stderr)]
  return { stdout, stderr, isDone: one.isDone || other.isDone }
}

/** Whether both say the same; with nothing on one side they never do. */
export function isSameCheckpoint(one: Checkpoint, other: Checkpoint | undefined): boolean {
  return one.stdout === other?.stdout && one.stderr === other.stderr && one.isDone === other.isDone
}
