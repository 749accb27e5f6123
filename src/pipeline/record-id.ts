import { createHash } from 'node:crypto'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import type { StreamName } from '../model/stream-name.ts'

/** Where a record stands in the log files: its first byte, and how many bytes it has, headers, newlines and all parts included. */
export interface RecordSource {
  readonly file: LogFile
  readonly offset: number
  readonly byteCount: number
}

/** `lost`: of what stands in the place of bytes that are lost. */
type Digests = Readonly<Record<StreamName | 'lost', string>>

/**
 * Ids of records: `<digest>-<offset>-<bytes>`, in 16, 12 and 8 hexadecimal digits. The digest is one of container instance, file and stream. So an id is
 * the same on every try, after every crash, and from a compressed file; a record that was joined of other parts has another. Those of a file sort as they
 * stand there, and begin alike, which compresses well.
 */
export class RecordIds {
  /** By file; by container for those without a key. */
  readonly #digests = new WeakMap<LogFile | ContainerRef, Digests>()

  /** Of the container's file. */
  digests(file: LogFile, ref: ContainerRef): Digests {
    const owner = file.key === undefined ? ref : file
    const known = this.#digests.get(owner)
    if (known !== undefined) return known
    // Only a file whose one line has no end has no key: nothing else of its container can have its place.
    const { uid, container, restartCount } = ref
    const name = file.key ?? `${uid}/${container}/${restartCount}`
    const digests = { stdout: digest(name, 'stdout'), stderr: digest(name, 'stderr'), lost: digest(name, 'lost') }
    this.#digests.set(owner, digests)
    return digests
  }

  /** The id up to the number of bytes. */
  prefix({ file, offset }: RecordSource, ref: ContainerRef, stream: StreamName | 'lost'): string {
    return `${this.digests(file, ref)[stream]}-${offset.toString(16).padStart(12, '0')}-`
  }
}

/** 64 bits. */
function digest(name: string, stream: string): string {
  return createHash('sha256').update(`${name}\0${stream}`).digest('hex').slice(0, 16)
}
