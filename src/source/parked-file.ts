import type { Stats } from 'node:fs'
import type { Inode } from './generation.ts'

/** A file that was read to its end and closed, as it was then. */
export interface ParkedFile extends Inode {
  readonly path: string
  /** Undefined while its first line is not whole: then it was not read at all. */
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

/** Whether that is the file still, and as it was. Times are compared too: an inode is used again within 20 ms. */
export function isUnchanged(file: ParkedFile, found: Stats | undefined): boolean {
  if (found === undefined || found.ino !== file.ino || found.dev !== file.dev) return false
  return found.size === file.size && found.mtimeMs === file.mtimeMs && found.ctimeMs === file.ctimeMs
}
