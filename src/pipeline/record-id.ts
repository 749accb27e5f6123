import { createHash } from 'node:crypto'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import type { StreamName } from '../model/stream-name.ts'

/** A record's place in the log files: its first byte, and its length in bytes with headers, newlines and all parts. */
export interface RecordSource {
  readonly file: LogFile
  readonly offset: number
  readonly byteCount: number
}

/** `lost`: an entry in place of lost bytes, or of lines that were left out. `ofStreams`: those of stdout and stderr, as the kernel takes them. */
type Digests = Readonly<Record<StreamName | 'lost', string>> & { readonly ofStreams: Uint8Array }

/**
 * Ids of records: `<digest>-<offset>-<bytes>`, with 16, 12 and 8 hexadecimal digits. The digest is of container instance, file and stream. So an id is
 * the same at every try, after every crash, and for a compressed file. A record joined from other parts has another id. Ids of a file sort in its order
 * and have the same beginning, which compresses well.
 */
export class RecordIds {
  /** Digests by file; by container for files without a key. */
  readonly #digests = new WeakMap<LogFile | ContainerRef, Digests>()

  /** Of the container's file. */
  digests(file: LogFile, ref: ContainerRef): Digests {
    const owner = file.key === undefined ? ref : file
    const known = this.#digests.get(owner)
    if (known !== undefined) return known
    // A file has no key only while its first line has no end. So no other record of the container can have the same place.
    const { uid, container, restartCount } = ref
    const name = file.key ?? `${uid}/${container}/${restartCount}`
    const [stdout, stderr] = [digest(name, 'stdout'), digest(name, 'stderr')]
    const digests = { stdout, stderr, lost: digest(name, 'lost'), ofStreams: Buffer.from(stdout + stderr) }
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
