import { accessSync, type BigIntStats, constants, existsSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { Checkpoint } from '../model/checkpoint.ts'
import type { FileKey } from './checkpoint.ts'
import { assertRegularFiles, DamagedFile, isReadOnly } from './damage.ts'
import { decodeRow, encodeRow, SCHEMA } from './row.ts'

/** "Logg": marks a SQLite database as Loggy's. */
const APPLICATION_ID = 0x4c6f6767
const VERSION = 2

/** Free pages to keep for new rows, and the maximum to return at once (4 MB), so that nothing stalls. */
const SPARE_PAGES = 64
const RETURNED_PAGES = 1024

/**
 * The SQLite file that holds the checkpoints, open and locked.
 *
 * The lock is SQLite's own (fcntl, held while the file is open), so it ends with the process, however that ends. The exclusive
 * mode also needs no `-shm` file, whose memory mapping would kill the process when the disk is full.
 */
export class CheckpointFile {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #identity: BigIntStats
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#database = database
    this.#identity = statSync(path, { bigint: true })
    this.#begin = database.prepare('begin immediate')
    this.#commit = database.prepare('commit')
    this.#put = database.prepare('replace into positions values (?, ?, ?, ?, ?, ?)')
    this.#remove = database.prepare('delete from positions where key = ?')
  }

  /**
   * Opens the file, creates it if needed, and reads all rows. Throws DamagedFile or SQLite's error (see `isDamage` and `isLocked`),
   * after closing the file.
   */
  static open(path: string): { readonly file: CheckpointFile; readonly stored: Map<FileKey, Checkpoint> } {
    assertRegularFiles(path)
    const database = new DatabaseSync(path)
    try {
      prepareDatabase(database)
      const stored = new Map<FileKey, Checkpoint>()
      for (const row of rowsOf(database)) {
        const [key, checkpoint] = decodeRow(row) ?? damaged('a row does not match its checksum')
        stored.set(key, checkpoint)
      }
      return { file: new CheckpointFile(path, database), stored }
    } catch (error) {
      database.close()
      throw isForbidden(error, path) ? new DamagedFile('its header forbids writing', { cause: error }) : error
    }
  }

  /** Whether this file is still at the path. If not, what is written here is lost when the process ends. */
  isInPlace(): boolean {
    const found = statSync(this.#path, { bigint: true, throwIfNoEntry: false })
    return found?.ino === this.#identity.ino && found.dev === this.#identity.dev
  }

  /** Writes in one transaction; `undefined` deletes the row. After an error, only `close` may follow: it rolls back. */
  write(changes: Iterable<readonly [FileKey, Checkpoint | undefined]>): void {
    this.#begin.run()
    for (const [key, checkpoint] of changes) {
      if (checkpoint === undefined) this.#remove.run(key)
      else this.#put.run(...encodeRow(key, checkpoint))
    }
    this.#commit.run()
  }

  /** Moves pages from the write-ahead log into the database, and returns free pages to the file system: a limited number of each. */
  tidy(): void {
    const free = Number(this.#database.prepare('pragma freelist_count').get()?.freelist_count)
    const returned = Math.min(free - SPARE_PAGES, RETURNED_PAGES)
    if (returned > 0) this.#database.exec(`pragma incremental_vacuum(${returned})`)
    this.#database.exec('pragma wal_checkpoint(passive)')
  }

  close(): void {
    this.#database.close()
  }
}

/**
 * The readable rows of a file that cannot be locked or written. If another process has it open, rows still in the write-ahead log may be
 * missing, so a position may be older than the latest one, but never newer. Throws SQLite's error where reading fails. This process must
 * not have the file open: closing any descriptor of a file releases the process's fcntl locks on it.
 */
export function* readUnlocked(path: string): Generator<readonly [FileKey, Checkpoint]> {
  const url = pathToFileURL(path)
  // Neither way writes to the database. `immutable` ignores the write-ahead log. `unix-none` (no locks) reads it, in exclusive mode, which
  // needs no `-shm`. But SQLite would create a missing log, and later remove an empty one, perhaps while another process uses it.
  const needsLog = existsSync(`${path}-wal`) && !isWritable(path)
  const [name, value] = needsLog ? ['vfs', 'unix-none'] : ['immutable', '1']
  url.searchParams.set(name, value)
  const database = new DatabaseSync(url, { readOnly: true })
  try {
    database.exec('pragma locking_mode = exclusive')
    for (const row of rowsOf(database)) {
      const decoded = decodeRow(row)
      if (decoded !== undefined) yield decoded
    }
  } finally {
    database.close()
  }
}

function prepareDatabase(database: DatabaseSync): void {
  database.exec('pragma locking_mode = exclusive')
  const schema = database.prepare('select sql from sqlite_schema').all()
  // No tables: the file is new, or its creation was interrupted.
  const isNew = schema.length === 0
  // Only for a new file: the pragma writes, and then a file on a full disk could not be read.
  if (isNew) database.exec('pragma auto_vacuum = incremental')
  database.exec('pragma journal_mode = wal')
  // Waits for the disk only when the write-ahead log is moved into the file: every 4 MB, and in `tidy`, once a minute.
  database.exec('pragma synchronous = normal')
  // Finds out now whether the file can be written. The rolled-back change stays in memory, so this works on a full disk.
  database.exec(`begin immediate; pragma user_version = ${VERSION}; rollback`)
  const check = database.prepare('pragma quick_check(1)').get()?.quick_check
  if (check !== 'ok') damaged(String(check))
  if (isNew) {
    database.exec(`begin immediate; pragma application_id = ${APPLICATION_ID}; pragma user_version = ${VERSION}`)
    database.exec(`${SCHEMA}; commit`)
    return
  }
  const application = database.prepare('pragma application_id').get()?.application_id
  const version = database.prepare('pragma user_version').get()?.user_version
  if (application !== APPLICATION_ID) damaged('another program made this database')
  if (version !== VERSION) damaged(`its version is ${version}, not ${VERSION}`)
  if (schema.length !== 1 || schema[0]?.sql !== SCHEMA) damaged('its tables are not those of this version')
}

/** A flipped bit in the header looks like this: SQLite says that the database is read-only, but the file system does not. */
function isForbidden(error: unknown, path: string): boolean {
  return isReadOnly(error) && isWritable(path)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function rowsOf(database: DatabaseSync): Iterable<unknown> {
  const select = database.prepare('select key, stdout, stderr, ahead, done, checksum from positions')
  select.setReturnArrays(true)
  return select.iterate()
}

function damaged(reason: string): never {
  throw new DamagedFile(reason)
}
