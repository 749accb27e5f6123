import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LoggyError, systemCode } from '../lib/errors.ts'

/** File name suffixes of a SQLite database and its side files. */
const SUFFIXES = ['', '-wal', '-shm', '-journal']
/** Enough to investigate. Each may be as large as the checkpoints of a whole node (1–2 MB). */
const KEPT = 3
const MARK = '.damaged-'

/** SQLite's primary result codes. Source: sqlite.org/rescode.html */
const ERROR = 1
const BUSY = 5
const READ_ONLY = 8
const CORRUPT = 11
const NOT_A_DATABASE = 26

/** The file is not as Loggy wrote it, or was not written by Loggy. */
export class DamagedFile extends LoggyError {
  override readonly name = 'DamagedFile'

  constructor(reason: string, options?: ErrorOptions) {
    super('CHECKPOINTS_DAMAGED', reason, options)
  }
}

/** Whether retrying cannot help until the file is set aside. All other faults (disk full, read-only, missing …) may pass. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true
  const code = sqliteCode(error)
  // ERROR: the statements never change, so the file does not fit them ("unsupported file format").
  if (code === ERROR || code === CORRUPT || code === NOT_A_DATABASE) return true
  return systemCode(error) === 'ERR_OUT_OF_RANGE' // a stored integer too large for any position
}

/** Whether another process has the file. */
export function isLocked(error: unknown): boolean {
  return sqliteCode(error) === BUSY
}

/** Whether SQLite refuses to write, because of the file system or the database's own header. */
export function isReadOnly(error: unknown): boolean {
  return sqliteCode(error) === READ_ONLY
}

/** The same for the same fault, unlike the error's message, which may contain the time. */
export function faultKind(error: unknown): string {
  const code = sqliteCode(error)
  return code === undefined ? (systemCode(error) ?? 'other') : `SQLite ${code}`
}

/** Throws DamagedFile if one of the database's files is something else, such as a folder or a pipe. */
export function assertRegularFiles(path: string): void {
  for (const suffix of SUFFIXES) {
    const found = statSync(path + suffix, { throwIfNoEntry: false })
    if (found !== undefined && !found.isFile()) throw new DamagedFile(`${basename(path)}${suffix} is not a file`)
  }
}

/** Renames the database and its side files to `<path>.damaged-<time>`, and deletes all but the latest few. Returns the new path. */
export function setAside(path: string, nowMs: number): string {
  const target = `${path}${MARK}${new Date(nowMs).toISOString().replaceAll(':', '-')}`
  for (const suffix of SUFFIXES) {
    const found = statSync(path + suffix, { throwIfNoEntry: false })
    if (found !== undefined) renameSync(path + suffix, target + suffix)
  }
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path) + MARK))
  const databases = new Set(names.map((name) => name.replace(/-(wal|shm|journal)$/, '')))
  const kept = [...databases].sort().slice(-KEPT)
  for (const name of names) {
    if (!kept.some((database) => name.startsWith(database))) rmSync(join(dirname(path), name), { recursive: true })
  }
  return target
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}
