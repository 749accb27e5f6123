import { statSync } from 'node:fs'

/** Differs if one of the files has changed. */
export function fingerprintOf(files: readonly string[]): string {
  return files.map(fileVersion).join(' ')
}

/** The kubelet renews projected files by replacing a link, which changes the inode; rewriting a file changes its size or time. */
function fileVersion(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats === undefined ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`
}
