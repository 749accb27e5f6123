import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'

/** Milliseconds that a container may run without a log, seen at the next check. The kubelet creates the link within a second of the start. */
const PATIENCE_MS = 60_000
/** Milliseconds between two checks. */
const CHECK_MS = 30_000
/** Containers that the warning lists; the API and `loggy explain` report all of them. */
const MOST_NAMED = 10

export interface NodeCheckOptions {
  /** The node that the agent is configured for. */
  readonly nodeName: string
  /** Where the kubelet links the container logs. */
  readonly directory: string
}

export interface NodeCheckParts {
  /** The node's pods according to the API server; undefined before the first list. */
  pods(): Iterable<PodRecord> | undefined
  /** All containers that have a log, also those that are not read. */
  logs(): Iterable<ContainerRef>
  readonly clock: Clock
  readonly log: Log
}

/** Compares the pods of the node in the API with the logs on disk. Nothing else shows a wrong node name or folder. */
export class NodeCheck {
  readonly #options: NodeCheckOptions
  readonly #parts: NodeCheckParts
  /** Running containers without a log, by name, and since when. */
  #missing: ReadonlyMap<string, number> = new Map()
  #noneKnownSinceMs: number | undefined
  #isNodeWrong = false
  #absent: readonly string[] = []
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: NodeCheckOptions, parts: NodeCheckParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Call about once a second. */
  look(): void {
    const nowMs = this.#parts.clock.monotonic()
    if (nowMs - this.#lookedMs < CHECK_MS) return
    this.#lookedMs = nowMs
    const pods = this.#parts.pods()
    if (pods === undefined) return
    // By name: a uid in a path may be that of a static pod, which the API does not have.
    const logs = new Set<string>()
    for (const ref of this.#parts.logs()) logs.add(nameOf(ref.namespace, ref.pod, ref.container))
    this.#compare([...pods], logs, nowMs)
  }

  /** Names (`namespace/pod/container`) of containers that have been running without a log for a minute. */
  get absent(): readonly string[] {
    return this.#absent
  }

  /** Whether, for a minute, no log has belonged to any pod that the API server has on the node. */
  get isNodeWrong(): boolean {
    return this.#isNodeWrong
  }

  /** One sentence each, for people. */
  get warnings(): string[] {
    const { nodeName, directory } = this.#options
    if (this.#isNodeWrong)
      return [
        `No log in ${directory} belongs to a pod that the API server has on node ${nodeName}: NODE_NAME (kubernetes.nodeName) is the name of another node, or of none.`,
      ]
    const [first] = this.#absent
    if (first === undefined) return []
    const others = this.#absent.length === 1 ? '' : ` and ${this.#absent.length - 1} more`
    return [`Running without a log in ${directory} for a minute: ${first}${others}.`]
  }

  #compare(pods: readonly PodRecord[], logs: ReadonlySet<string>, nowMs: number): void {
    let isAnyKnown = false
    const missing = new Map<string, number>()
    for (const { namespace, name, containers } of pods) {
      for (const [container, { isRunning }] of containers) {
        const full = nameOf(namespace, name, container)
        if (logs.has(full)) isAnyKnown = true
        else if (isRunning) missing.set(full, this.#missing.get(full) ?? nowMs)
      }
    }
    this.#missing = missing
    const isNoneKnown = logs.size > 0 && !isAnyKnown
    this.#noneKnownSinceMs = isNoneKnown ? (this.#noneKnownSinceMs ?? nowMs) : undefined
    this.#judge(nowMs)
  }

  #judge(nowMs: number): void {
    const { log } = this.#parts
    const { nodeName, directory } = this.#options
    const isNodeWrong = this.#noneKnownSinceMs !== undefined && nowMs - this.#noneKnownSinceMs >= PATIENCE_MS
    if (isNodeWrong && !this.#isNodeWrong)
      log.warn('no log belongs to a pod of this node in the API: check NODE_NAME', {
        node: nodeName,
        directory,
      })
    this.#isNodeWrong = isNodeWrong
    const wereAbsent = this.#absent.length
    // If the node is wrong, its containers have no logs here anyway.
    const late = [...this.#missing].filter(([, sinceMs]) => !isNodeWrong && nowMs - sinceMs >= PATIENCE_MS)
    this.#absent = late.map(([name]) => name)
    if (wereAbsent === 0 && late.length > 0)
      log.warn('containers run without a log: check the log path of the runtime and source.directory', {
        directory,
        count: late.length,
        containers: this.#absent.slice(0, MOST_NAMED),
      })
  }
}

function nameOf(namespace: string, pod: string, container: string): string {
  return `${namespace}/${pod}/${container}`
}
