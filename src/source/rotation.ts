import { closeSync, constants, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../lib/errors.ts'
import { CompressedFile } from './compressed-file.ts'
import { type Generation, type Inode, isSameInode } from './generation.ts'
import { MOST_LINKS, targetIfLink } from './links.ts'
import type { OpenContext } from './open-context.ts'
import { TailedFile } from './tailed-file.ts'

/** The files next to a live one whose names start with its name. */
export interface Listing {
  /** Paths of rotated files, oldest first by name. */
  readonly rotated: readonly string[]
  /** Whether the names contain counters, as docker's, instead of times, as the kubelet's. */
  readonly areCounted: boolean
  /** Paths of files that neither a kubelet nor a runtime creates. */
  readonly foreign: readonly string[]
}

/** Suffixes after the live file's name: numbers, then `.gz` and `.tmp`. `.tmp` alone is the live file before it is renamed. */
const SUFFIX = /^(?:\d+(?:-\d+)*(?:\.gz)?(?:\.tmp)?|tmp)$/
/** The kubelet's time in a name: year, month, day, hour, minute, second. */
const ROTATED_AT = /\.(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(?:\.gz)?(?:\.tmp)?$/
const COUNTED = /^\d{1,4}(?:\.gz)?$/
/** RFC 1952. */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/**
 * The path of the file behind the links, with the rotated files next to it. Links are followed also where there is no file at the moment: the kubelet
 * renames it before the runtime creates the next one.
 */
export function realPathOf(path: string): string {
  let last = path
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const real = realPathIfThere(last)
    if (real !== undefined) return real
    const target = targetIfLink(last)
    if (target === undefined) break
    last = target
  }
  return join(realPathIfThere(dirname(last)) ?? dirname(last), basename(last)) // opening it reports what is wrong
}

function realPathIfThere(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

/**
 * Lists a log's rotated files. `path` is that of the live file, not of a link.
 *
 * The kubelet renames `0.log` to `0.log.<time>`, which sorts as text, and later compresses it to `0.log.<time>.gz` by way of
 * `.tmp`. Docker counts `.1`, `.2` …, the higher the older. If both forms of a file exist, the plain one is complete.
 * A `.tmp` that is not compressed is a rotated file that does not have its final name yet (kubernetes#139700).
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

/** Opens a plain or compressed file of a log; undefined if there is none. */
export async function openGeneration(path: string, { keyOf, clock }: OpenContext): Promise<Generation | undefined> {
  try {
    return isCompressed(path) ? await CompressedFile.open(path, { keyOf, clock }) : TailedFile.open(path, keyOf)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The stats of the file at that path; undefined if there is none. */
export function statIfThere(path: string) {
  return statSync(path, { throwIfNoEntry: false })
}

/** Whether the file is the one at that path. */
export function isAtPath(file: Inode, path: string): boolean {
  const found = statIfThere(path)
  return found !== undefined && isSameInode(found, file)
}

/** Whether this is an unfinished gzip of the kubelet, or too short to tell. Only for names that end with `.tmp`. */
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

/** The local time in a rotated file's name, as milliseconds since 1970 as if it were UTC; undefined if there is none. */
export function rotationTimeIn(path: string): number | undefined {
  const parts = ROTATED_AT.exec(path)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year = 0, month = 0, day, hour, minute, second] = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
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
