import { closeSync, openSync, readSync } from 'node:fs'
import { systemCode } from '../lib/errors.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { LogFile } from '../model/log-file.ts'

/**
 * Bytes from the beginning of a log in which the agent looks for itself. It announces itself before it collects anything, so the
 * announcement is among the first lines of its log, behind no more than what two pipes hold: 64 KiB each, and what the runtime puts before the lines.
 */
const LOOKED_AT_BYTES = 256 * 1024

export interface OwnPodOptions {
  /** Of the downward API; they may be missing, or wrong. */
  readonly namespace: string | undefined
  readonly pod: string | undefined
  /** From the kernel; it cannot be wrong, but it may be missing. */
  readonly uid: string | undefined
  /** A random text that the agent's log holds as `instance`, at its beginning, and nothing else does. */
  readonly instance: string
  readonly log: Log
}

/**
 * Which pod the agent runs in. Its own output is never read: each line would make another, hundreds of megabytes in seconds. The kernel
 * tells the pod's uid as a rule; the downward API tells its name; and whatever both say, the agent recognises its own announcement.
 */
export class OwnPod {
  readonly #options: OwnPodOptions
  readonly #needle: Buffer
  readonly #examined = new WeakSet<LogFile>()
  /** Pods in whose logs the announcement stood. */
  readonly #recognised: ContainerRef[] = []
  /** Whether a log of the pod with the own uid has been found, so that there is nothing to look for. */
  #isFound = false
  #isNameWrong = false
  #fault: string | undefined

  constructor(options: OwnPodOptions) {
    this.#options = options
    this.#needle = Buffer.from(options.instance)
  }

  get instance(): string {
    return this.#options.instance
  }

  /** How the agent knows its own pod. */
  get knownBy(): 'uid' | 'name' | 'output' | 'nothing' {
    const { namespace, pod, uid } = this.#options
    if (this.#recognised.length > 0) return 'output'
    if (uid !== undefined) return 'uid'
    return namespace !== undefined && pod !== undefined ? 'name' : 'nothing'
  }

  /** In a sentence: what is wrong with POD_NAME and POD_NAMESPACE, as far as that has shown. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Whether it is a container of the agent's own pod, or of one that ran under its name before. */
  owns(ref: ContainerRef): boolean {
    if (this.#recognised.some((own) => isSamePod(own, ref))) return true
    const { namespace, pod, uid } = this.#options
    const isNamed = ref.namespace === namespace && ref.pod === pod
    if (uid === undefined || ref.uid === undefined) return isNamed && !this.#isNameWrong
    if (ref.uid === uid) this.#found(ref, isNamed)
    // Until the own pod is found, a namesake may be somebody else, whose lines would be lost.
    return ref.uid === uid || (isNamed && this.#isFound && !this.#isNameWrong)
  }

  /** Whether the log is the agent's own after all, since its announcement stands in it; from then on `owns` says so. */
  recognises(ref: ContainerRef, chunk: Chunk): boolean {
    if (this.#isFound || chunk.offset >= LOOKED_AT_BYTES) return false
    if (!this.#isBefore(chunk) && !this.#isIn(chunk.bytes)) return false
    this.#recognised.push(ref)
    this.#report(`the agent found its own output in the log of ${ref.namespace}/${ref.pod}`)
    return true
  }

  /** What stands before the first chunk, which was read by an earlier run or passed over. */
  #isBefore({ file, offset }: Chunk): boolean {
    if (this.#examined.has(file)) return false
    this.#examined.add(file)
    return offset > 0 && this.#isIn(startOf(file.path, offset))
  }

  #isIn(bytes: Uint8Array): boolean {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LOOKED_AT_BYTES))
    for (let at = buffer.indexOf(this.#needle); at !== -1; at = buffer.indexOf(this.#needle, at + 1)) {
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
 * The member `instance` of a line of an agent's log, in CRI's or docker's layout. What only quotes such a line has it elsewhere; a pod that
 * prints it as it is repeats the agent's output, and reading that would be a loop too.
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
    return undefined // no JSON: a line of anybody else
  }
}

/** The first bytes of a file; none of one that is gone or cannot be read, of which the source tells. */
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
