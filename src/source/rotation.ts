import { readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../lib/errors.ts'
import { CompressedFile } from './compressed-file.ts'
import type { Generation, KeyOf } from './generation.ts'
import { TailedFile } from './tailed-file.ts'

/** Where the runtime keeps the file, whose rotated ones are beside it; the path itself when it leads nowhere just now. */
export function realPathOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return path
    throw error
  }
}

/**
 * The paths of a log's rotated files, oldest first. `path` is that of the live file, with no link at its end.
 *
 * The kubelet renames `0.log` to `0.log.<time>`, which sorts as text, and later compresses it to `0.log.<time>.gz` by way of
 * `.tmp`; docker counts `.1`, `.2` … upwards into the past. While both forms are there the plain one is the whole one.
 */
export function rotatedFiles(path: string): string[] {
  const directory = dirname(path)
  const prefix = `${basename(path)}.`
  const suffixes = namesIn(directory)
    .filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp'))
    .map((name) => name.slice(prefix.length))
  const all = new Set(suffixes)
  return suffixes
    .filter((suffix) => !isCompressed(suffix) || !all.has(plain(suffix)))
    .sort((a, b) => olderFirst(plain(a), plain(b)))
    .map((suffix) => join(directory, prefix + suffix))
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [] // the pod is gone
    throw error
  }
}

/** Opens a file of a log in the form it has, or returns undefined when nothing is there. */
export async function openGeneration(path: string, keyOf: KeyOf): Promise<Generation | undefined> {
  try {
    return isCompressed(path) ? await CompressedFile.open(path, keyOf) : TailedFile.open(path, keyOf)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What is at that path, or undefined when nothing is. */
export function statIfThere(path: string) {
  return statSync(path, { throwIfNoEntry: false })
}

function isCompressed(name: string): boolean {
  return name.endsWith('.gz')
}

function plain(suffix: string): string {
  return isCompressed(suffix) ? suffix.slice(0, -'.gz'.length) : suffix
}

function olderFirst(a: string, b: string): number {
  const areDockers = /^\d{1,4}$/.test(a) && /^\d{1,4}$/.test(b)
  return areDockers ? Number(b) - Number(a) : a < b ? -1 : 1
}
