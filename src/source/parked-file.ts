import type { Stats } from 'node:fs'
import type { Inode } from './generation.ts'

/** The state of a file when it was fully read and closed. */
export interface ParkedFile extends Inode {
  readonly path: string
  /** Undefined if its first line was not complete; then nothing of it was read. */
  readonly key: string | undefined
  readonly offset: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
}

export function parkedFile(position: Pick<ParkedFile, 'path' | 'key' | 'offset'>, stats: Stats): ParkedFile {
  const { dev, ino, size, mtimeMs, ctimeMs } = stats
  return { ...position, dev, ino, size, mtimeMs, ctimeMs }
}

/** Whether it is still the same file, unchanged. Compares times too, since inodes are reused within 20 ms. */
export function isUnchanged(file: ParkedFile, found: Stats | undefined): boolean {
  if (found === undefined || found.ino !== file.ino || found.dev !== file.dev) return false
  return found.size === file.size && found.mtimeMs === file.mtimeMs && found.ctimeMs === file.ctimeMs
}
