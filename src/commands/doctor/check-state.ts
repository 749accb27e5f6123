import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describeError } from '../../lib/errors.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Source: Linux, `magic.h`. */
const NETWORKED = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
])
const TMPFS = 0x01021994
/** Bytes. Positions and metadata of a node take less; dead letters may take more. */
const LEAST_FREE = 64 * 1024 * 1024

/** The folder of positions: whether it can be written, and can have SQLite's write-ahead log. */
export function checkState(directory: string): Finding {
  try {
    mkdirSync(directory, { recursive: true }) // as the agent does
    if (tryDatabase(join(directory, `.doctor-${randomUUID()}.db`)) !== 'wal')
      return fail('state', `The file system of ${directory} takes no write-ahead log: use a local disk.`)
  } catch (error) {
    const remedy = "mount a folder of the host there that the agent's user may write to"
    return fail(
      'state',
      `Nothing can be stored in ${directory}: ${describeError(error)}. So a restart sends everything again: ${remedy}.`,
    )
  }
  return checkFileSystem(directory)
}

/** Returns the journal's mode. */
function tryDatabase(path: string): unknown {
  const database = new DatabaseSync(path)
  try {
    const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() ?? {}
    database.exec('CREATE TABLE tried (it INTEGER) STRICT; INSERT INTO tried VALUES (1)')
    return mode
  } finally {
    database.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  }
}

function checkFileSystem(directory: string): Finding {
  const { type, bavail, bsize } = statfsSync(directory)
  const free = bavail * bsize
  const name = NETWORKED.get(type)
  if (name !== undefined)
    return warn('state', `${directory} is on ${name}, where SQLite's locks may fail: use a local disk.`)
  if (type === TMPFS)
    return warn(
      'state',
      `${directory} is in memory (tmpfs): positions are lost with it. Mount a folder of the host's disk.`,
    )
  const text = `${directory} can be written, with a write-ahead log; ${Math.round(free / 1024 / 1024)} MiB are free.`
  return free < LEAST_FREE
    ? warn('state', `${text} Make room: while the disk is full, positions are kept in memory only.`)
    : ok('state', text)
}
