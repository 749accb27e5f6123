import type { Clock } from '../lib/clock.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'

/** Milliseconds that a container may run without a log. The kubelet links it within a second of the start. */
const PATIENCE_MS = 60_000
/** Milliseconds between two looks. */
const LOOK_MS = 10_000
/** Containers that the warning names; the API and `loggy explain` tell of all. */
const MOST_NAMED = 10

export interface NodeCheckOptions {
  /** The node that the agent speaks for. */
  readonly nodeName: string
  /** Where the kubelet links the container logs. */
  readonly directory: string
}

export interface NodeCheckParts {
  /** Pods that the API server says are on the node; undefined before the first list. */
  pods(): Iterable<PodRecord> | undefined
  /** Containers that have a log, those included that are not read. */
  logs(): Iterable<ContainerRef>
  readonly clock: Clock
  readonly log: Log
}

/** Compares what the API server says runs on the node with the logs that are there: a wrong node name or folder shows in nothing else. */
export class NodeCheck {
  readonly #options: NodeCheckOptions
  readonly #parts: NodeCheckParts
  /** Since when each running container has been without a log, by name. */
  #missing: ReadonlyMap<string, number> = new Map()
  #strangeSinceMs: number | undefined
  #isNodeWrong = false
  #absent: readonly string[] = []
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: NodeCheckOptions, parts: NodeCheckParts) {
    this.#options = options
    this.#parts = parts
  }

  /** To be called about once a second. */
  look(): void {
    const nowMs = this.#parts.clock.monotonic()
    if (nowMs - this.#lookedMs < LOOK_MS) return
    this.#lookedMs = nowMs
    const pods = this.#parts.pods()
    if (pods === undefined) return
    // By name: a uid in a path may be a static pod's, which the API does not show.
    const logs = new Set<string>()
    for (const ref of this.#parts.logs()) logs.add(nameOf(ref.namespace, ref.pod, ref.container))
    this.#compare([...pods], logs, nowMs)
  }

  /** Names (`namespace/pod/container`) of containers that have run for a minute without a log. */
  get absent(): readonly string[] {
    return this.#absent
  }

  /** Whether for a minute no log has belonged to any pod that the API server knows on the node. */
  get isNodeWrong(): boolean {
    return this.#isNodeWrong
  }

  /** In a sentence each, for a person. */
  get warnings(): string[] {
    const { nodeName, directory } = this.#options
    if (this.#isNodeWrong)
      return [
        `No log in ${directory} belongs to a pod that the API server knows on node ${nodeName}: NODE_NAME (kubernetes.nodeName) names another node, or none.`,
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
    const isStrange = logs.size > 0 && !isAnyKnown
    this.#strangeSinceMs = isStrange ? (this.#strangeSinceMs ?? nowMs) : undefined
    this.#judge(nowMs)
  }

  #judge(nowMs: number): void {
    const { log } = this.#parts
    const { nodeName, directory } = this.#options
    const isNodeWrong = this.#strangeSinceMs !== undefined && nowMs - this.#strangeSinceMs >= PATIENCE_MS
    if (isNodeWrong && !this.#isNodeWrong)
      log.warn('no log belongs to a pod that the API server knows on this node: is NODE_NAME right?', {
        node: nodeName,
        directory,
      })
    this.#isNodeWrong = isNodeWrong
    const wereAbsent = this.#absent.length
    // The containers of another node have no logs here.
    const late = [...this.#missing].filter(([, sinceMs]) => !isNodeWrong && nowMs - sinceMs >= PATIENCE_MS)
    this.#absent = late.map(([name]) => name)
    if (wereAbsent === 0 && late.length > 0)
      log.warn('containers run without a log: the runtime logs elsewhere, or this is not the folder of the node', {
        directory,
        count: late.length,
        containers: this.#absent.slice(0, MOST_NAMED),
      })
  }
}

function nameOf(namespace: string, pod: string, container: string): string {
  return `${namespace}/${pod}/${container}`
}
