import type { ByteRange, ByteRanges } from './lib/byte-ranges.ts'

/** The types that cross folders. No logic. */

/** A container instance, as the paths of its log file name it. Source: kubelet, `kuberuntime/legacy.go` and `kuberuntime/helpers.go`. */
export interface ContainerRef {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** From the pod's directory: the API's uid, or a static pod's config hash. Only the target of the link has it. */
  readonly uid: string | undefined
  /** From the target's file name (`0.log` → 0). */
  readonly restartCount: number | undefined
  /** From the link's name; 64 hex digits as a rule, cut short when the name is too long. */
  readonly containerID: string | undefined
}

/** Which of its two output streams a container wrote to. */
export type StreamName = 'stdout' | 'stderr'

/**
 * Whether a container's log is to be read. `wait`: its pod is not known; the answer may change any time, and at the latest after
 * so many milliseconds.
 */
export type Admitted = { readonly kind: 'read' | 'exclude' } | { readonly kind: 'wait'; readonly forMs: number }

/** What Loggy keeps of a pod; a new object whenever anything in it changes, so identity tells "same metadata". */
export interface PodRecord {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly node: string | undefined
  readonly podIP: string | undefined
  /** A static pod's uid on its node: annotation `kubernetes.io/config.hash` or `…/config.mirror`. */
  readonly configHash: string | undefined
  /** The workload a person would name: the Deployment rather than its ReplicaSet, the CronJob rather than its Job. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Keys of further annotations, whose values are too long to be kept; undefined when there are none. */
  readonly longAnnotations?: readonly string[]
  /** By container name; init and ephemeral containers included. */
  readonly containers: ReadonlyMap<string, ContainerRecord>
}

export interface ContainerRecord {
  readonly kind: 'container' | 'init' | 'ephemeral'
  /** As the pod's spec names it. */
  readonly image: string
  /** Of the latest instance, without its `containerd://` prefix; undefined until the status has it. */
  readonly containerID: string | undefined
  readonly restartCount: number | undefined
  /** Undefined while it does not run. */
  readonly isRunning?: true
}

/** What of a file is settled, by stream: none of it is needed again. Offsets are uncompressed. */
export type Settled = Readonly<Record<StreamName, ByteRanges>>

/** What one batch settles of a file, by stream. */
export type Settling = Readonly<Record<StreamName, ByteRange>>

/** What is kept of a file over a restart. `isDone`: it was replaced or deleted, and all of it is settled. */
export interface Checkpoint extends Settled {
  readonly isDone: boolean
  /** Its place among the files of its log, by which it came; undefined in rows of older versions. */
  readonly order?: number | undefined
}

/** One log file, by object identity while it is read, by key over a restart. */
export interface LogFile {
  readonly path: string
  /** Container instance and fingerprint of the first line; undefined until that is whole. */
  readonly key?: string | undefined
  /** What an earlier run has delivered of it: a stream's lines that begin in there are passed over. */
  readonly settled?: Settled | undefined
  /** Its length, once nothing can follow and all of it has been read. */
  readonly end?: number | undefined
  /** Its place among the files of its log, in the order in which they were seen to come. */
  readonly order?: number | undefined
}

/** Bytes read from one file, starting at a line's first byte. */
export interface Chunk {
  readonly file: LogFile
  /** Owned by the reader; valid until the next read. */
  readonly bytes: Uint8Array
  /** Of `bytes[0]`, in the file. */
  readonly offset: number
  /** No byte will ever follow: a last line without a newline is whole. */
  readonly isFinal: boolean
}

/** What became of a container's lines since its log was opened; how they balance tells pipeline/line-counters.ts. */
export interface LineCounters {
  readonly bytes: number
  readonly lines: number
  readonly repeated: number
  readonly joined: number
  readonly filtered: number
  readonly entries: number
  readonly unfinished: number
  readonly losses: number
  readonly lostBytes: number
  readonly delivered: number
  readonly deadLettered: number
  readonly malformed: number
  readonly truncated: number
}

/** How far a container's log has been read. */
export interface LogStatus {
  readonly ref: ContainerRef
  /** Of the live file. */
  readonly path: string
  /** `wait`: its pod is not known, or its turn has not come yet. */
  readonly state: 'read' | 'exclude' | 'wait'
  /** The file that is being read, the oldest that is not done with; undefined while none is open. Bytes, uncompressed. */
  readonly reading: { readonly path: string; readonly offset: number } | undefined
  /** Bytes on disk that are not read yet, all files of the container together. */
  readonly lagBytes: number
  /** Age of the oldest line that is not read yet; 0 when there is none. */
  readonly lagSeconds: number
  readonly openFiles: number
  /** Of these, rotated or deleted ones that are kept open until they are read. */
  readonly heldFiles: number
  /** Unread bytes of the held files. */
  readonly heldBytes: number
  /** What keeps it from being read, while that lasts. */
  readonly fault: string | undefined
}

/** All that can be said of one container on this node. */
export interface ContainerStatus extends LogStatus {
  /** The option or annotation that decided whether it is read: `select.namespaces.exclude: kube-system`. */
  readonly rule: string
  /** What its entries carry: its pod's metadata, or what the path says. */
  readonly metadata: 'known' | 'path-only'
  /** Undefined before anything of it was read. */
  readonly counters: LineCounters | undefined
}

/** Looks at entries on their way to the destination. */
export interface EntryTap {
  /** Whether anyone looks: `offer` is called only then. */
  readonly isOpen: boolean
  /** `entries`: NDJSON of one container, whole lines; valid during the call. It must neither throw nor take long. */
  offer(ref: ContainerRef, entries: Uint8Array): void
}

/** The agent's own log: a constant message, details as fields. */
export interface Log {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}
