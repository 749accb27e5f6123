import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../lib/errors.ts'
import type { TailedFile } from './tailed-file.ts'

/**
 * The plain rotated files of a log that came after `current` and before the file now at `path`, oldest first.
 *
 * The kubelet renames `0.log` to `0.log.<time>`, which sorts as text; docker counts `.1`, `.2` … upwards into the past.
 * A rotation is not seen when another one follows between two looks, so the folder must be asked.
 */
export async function rotatedAfter(current: TailedFile, path: string): Promise<string[]> {
  const rotated = await listRotated(path)
  for (let index = rotated.length - 1; index >= 0; index -= 1) {
    const found = await statIfThere(rotated[index] as string)
    if (found !== undefined && current.isSameFile(found)) return rotated.slice(index + 1)
  }
  // The current one is compressed or deleted by now; a plain file lives only until the next rotation, so all are newer.
  return rotated
}

async function listRotated(path: string): Promise<string[]> {
  const directory = dirname(path)
  const prefix = `${basename(path)}.`
  const suffixes = (await readdir(directory))
    .filter((name) => name.startsWith(prefix) && !/\.(gz|tmp)$/.test(name))
    .map((name) => name.slice(prefix.length))
  return suffixes.sort(oldestFirst).map((suffix) => join(directory, prefix + suffix))
}

function oldestFirst(a: string, b: string): number {
  const isDockers = /^\d{1,4}$/.test(a) && /^\d{1,4}$/.test(b)
  return isDockers ? Number(b) - Number(a) : a < b ? -1 : 1
}

/** What is at that path, or undefined when nothing is. */
export async function statIfThere(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
