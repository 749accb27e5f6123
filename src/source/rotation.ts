import { closeSync, constants, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../lib/errors.ts'
import { CompressedFile } from './compressed-file.ts'
import type { Generation } from './generation.ts'
import type { OpenContext } from './open-context.ts'
import { TailedFile } from './tailed-file.ts'

/** The files beside a live one that have its name and more. */
export interface Listing {
  /** Paths of those that a rotation makes, oldest first by name. */
  readonly rotated: readonly string[]
  /** Docker counts rotations; the kubelet writes when they were. */
  readonly areCounted: boolean
  /** Paths of those that no kubelet and no runtime makes. */
  readonly foreign: readonly string[]
}

/** What follows the live file's name: numbers, then what has been done to it; a `.tmp` alone is the live file on its way to its name. */
const SUFFIX = /^(?:\d+(?:-\d+)*(?:\.gz)?(?:\.tmp)?|tmp)$/
const COUNTED = /^\d{1,4}(?:\.gz)?$/
/** RFC 1952. */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

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
 * Lists a log's rotated files. `path` is that of the live file, with no link at its end.
 *
 * The kubelet renames `0.log` to `0.log.<time>`, which sorts as text, and later compresses it to `0.log.<time>.gz` by way of
 * `.tmp`; docker counts `.1`, `.2` … upwards into the past. While both forms are there the plain one is the whole one.
 * A `.tmp` that is not compressed is a rotated file that has not got its name yet (kubernetes#139700).
 */
export function listRotated(path: string): Listing {
  const directory = dirname(path)
  const prefix = `${basename(path)}.`
  const suffixes = namesIn(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
  const all = new Set(suffixes)
  const ours = suffixes.filter((suffix) => SUFFIX.test(suffix))
  const toPath = (suffix: string) => join(directory, prefix + suffix)
  return {
    rotated: ours
      .filter((suffix) => !isCompressed(suffix) || !all.has(plain(suffix)))
      .sort((a, b) => olderFirst(plain(a), plain(b)))
      .map(toPath),
    areCounted: ours.length > 0 && ours.every((suffix) => COUNTED.test(suffix)),
    foreign: suffixes.filter((suffix) => !SUFFIX.test(suffix)).map(toPath),
  }
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
export async function openGeneration(path: string, { keyOf, clock }: OpenContext): Promise<Generation | undefined> {
  try {
    return isCompressed(path) ? await CompressedFile.open(path, { keyOf, clock }) : TailedFile.open(path, keyOf)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What is at that path, or undefined when nothing is. */
export function statIfThere(path: string) {
  return statSync(path, { throwIfNoEntry: false })
}

/** The kubelet's gzip in progress, or too short to be told from it. Not so for what does not end in `.tmp`. */
export function isGzipInProgress(path: string): boolean {
  if (!path.endsWith('.tmp')) return false
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const beginning = Buffer.alloc(GZIP_MAGIC.length)
    const bytesRead = readSync(descriptor, beginning, 0, beginning.length, 0)
    return bytesRead < GZIP_MAGIC.length || beginning.equals(GZIP_MAGIC)
  } finally {
    closeSync(descriptor)
  }
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
