import { closeSync, openSync, readSync } from 'node:fs'
import { systemCode } from '../lib/errors.ts'
import { TextSearch } from '../lib/text-search.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { LogFile } from '../model/log-file.ts'

/**
 * Bytes at the beginning of a log in which the agent looks for its own announcement. It announces itself before it collects anything. So
 * only the contents of two pipes, 64 KiB each, can precede the announcement, and the prefixes that the runtime adds to the lines.
 */
const LOOKED_AT_BYTES = 256 * 1024

export interface OwnPodOptions {
  /** From the downward API; may be missing or wrong. */
  readonly namespace: string | undefined
  readonly pod: string | undefined
  /** From the kernel; may be missing, but is never wrong. */
  readonly uid: string | undefined
  /** A random text in the field `instance` of the agent's announcement; no other log contains it. */
  readonly instance: string
  readonly log: Log
}

/**
 * Finds the pod that the agent runs in. Its output must not be read: each line would cause another, hundreds of megabytes in seconds.
 * Usually the kernel tells the pod's uid, and the downward API its name. If both fail, the agent still recognises its own announcement.
 */
export class OwnPod {
  readonly #options: OwnPodOptions
  readonly #search: TextSearch
  readonly #examined = new WeakSet<LogFile>()
  /** Pods with a log that contains the announcement. */
  readonly #recognised: ContainerRef[] = []
  /** Whether a log of the pod with the own uid was found; then there is no need to look for the announcement. */
  #isFound = false
  #isNameWrong = false
  #fault: string | undefined

  constructor(options: OwnPodOptions) {
    this.#options = options
    this.#search = new TextSearch(options.instance)
  }

  get instance(): string {
    return this.#options.instance
  }

  /** How the agent recognises its own pod. */
  get knownBy(): 'uid' | 'name' | 'output' | 'nothing' {
    const { namespace, pod, uid } = this.#options
    if (this.#recognised.length > 0) return 'output'
    if (uid !== undefined) return 'uid'
    return namespace !== undefined && pod !== undefined ? 'name' : 'nothing'
  }

  /** What is wrong with POD_NAME and POD_NAMESPACE, in one sentence; undefined if nothing is known to be wrong. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Whether the container belongs to the agent's own pod, or to an earlier pod of that name. */
  owns(ref: ContainerRef): boolean {
    if (this.#recognised.length > 0 && this.#recognised.some((own) => isSamePod(own, ref))) return true
    const { namespace, pod, uid } = this.#options
    const isNamed = ref.namespace === namespace && ref.pod === pod
    if (uid === undefined || ref.uid === undefined) return isNamed && !this.#isNameWrong
    if (ref.uid === uid) this.#found(ref, isNamed)
    // Until the own pod is found, a pod of this name could be another one, and its lines would be lost.
    return ref.uid === uid || (isNamed && this.#isFound && !this.#isNameWrong)
  }

  /** Whether the log contains the agent's announcement, and so is its own. From then on `owns` is true for it too. */
  recognises(ref: ContainerRef, chunk: Chunk): boolean {
    if (this.#isFound || chunk.offset >= LOOKED_AT_BYTES) return false
    if (!this.#isInEarlierBytes(chunk) && !this.#containsAnnouncement(chunk.bytes)) return false
    this.#recognised.push(ref)
    this.#report(`the agent found its own output in the log of ${ref.namespace}/${ref.pod}`)
    return true
  }

  /** Checks the bytes before the first chunk: an earlier run has read them, or they were skipped. */
  #isInEarlierBytes({ file, offset }: Chunk): boolean {
    if (this.#examined.has(file)) return false
    this.#examined.add(file)
    return offset > 0 && this.#containsAnnouncement(startOf(file.path, offset))
  }

  #containsAnnouncement(bytes: Uint8Array): boolean {
    const looked = bytes.length > LOOKED_AT_BYTES ? bytes.subarray(0, LOOKED_AT_BYTES) : bytes
    for (let at = this.#search.indexIn(looked); at !== -1; at = this.#search.indexIn(looked, at + 1)) {
      const buffer = Buffer.from(looked.buffer, looked.byteOffset, looked.length)
      const end = buffer.indexOf(0x0a, at)
      const line = buffer.toString('utf8', buffer.lastIndexOf(0x0a, at) + 1, end === -1 ? buffer.length : end)
      if (instanceIn(line) === this.#options.instance) return true
    }
    return false
  }

  #found(ref: ContainerRef, isNamed: boolean): void {
    if (this.#isFound) return
    this.#isFound = true
    const { namespace, pod } = this.#options
    if (isNamed || namespace === undefined || pod === undefined) return
    this.#report(`the agent runs in ${ref.namespace}/${ref.pod}`)
  }

  #report(what: string): void {
    const { namespace, pod } = this.#options
    const isSet = namespace !== undefined && pod !== undefined
    this.#isNameWrong = isSet
    this.#fault = `${what}, but POD_NAMESPACE and POD_NAME ${isSet ? `say ${namespace}/${pod}` : 'are not set'}`
    this.#options.log.warn('POD_NAMESPACE and POD_NAME are wrong; the agent does not read its own output', {
      fault: this.#fault,
    })
  }
}

function isSamePod(a: ContainerRef, b: ContainerRef): boolean {
  return a.namespace === b.namespace && a.pod === b.pod && a.uid === b.uid
}

/**
 * The field `instance` of a line of an agent's log, in CRI or docker format. A line that only quotes such a line has it elsewhere.
 * A pod that prints such lines unchanged repeats the agent's output, and reading it would be a loop too.
 */
function instanceIn(line: string): unknown {
  const cri = /^\S+ (?:stdout|stderr) F (\{.*\})$/.exec(line)?.[1]
  const body = cri ?? memberOf(line, 'log')
  return typeof body === 'string' ? memberOf(body, 'instance') : undefined
}

function memberOf(json: string, member: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)[member]
      : undefined
  } catch {
    return undefined // not JSON, so not a line of the agent
  }
}

/** The first bytes of a file; none if it is gone or cannot be read, which the source reports. */
function startOf(path: string, length: number): Uint8Array {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const buffer = Buffer.alloc(length)
      return buffer.subarray(0, readSync(descriptor, buffer, 0, length, 0))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return new Uint8Array()
  }
}
