import type { Admitted } from '../model/admitted.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { Log } from '../model/log.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { hintDigest, type InvalidHint, invalidHints, shownValue } from './hint-rules.ts'
import type { OwnPod } from './own-pod.ts'
import { createSelection, type Decision, type NameGlobs, type Selection } from './selection.ts'
import { parseSelector } from './selector.ts'
import type { Tenants } from './tenant.ts'

/** Reports to remember, so that none is repeated when its pod changes. Limited, so that memory does not grow with the number of pods. */
const REMEMBERED_REPORTS = 1000

/** Which containers are read, and how long a log waits for its pod to become known. Selectors are text that has been checked. */
export interface AdmissionOptions {
  readonly namespaces: NameGlobs
  readonly containers: NameGlobs
  readonly labels: string
  readonly annotations: string
  readonly podAnnotations: boolean
  /** Milliseconds. */
  readonly waitForMetadata: number
}

export interface AdmissionParts {
  find(ref: ContainerRef): PodRecord | undefined
  /** Loggy's own pod. It is never read: each line would cause another one. */
  readonly self: Pick<OwnPod, 'owns'>
  readonly tenants: Pick<Tenants, 'allows'>
  readonly log: Log
  /** Called once per annotation that is ignored. Must neither throw nor take long. */
  onInvalidHint(pod: PodRecord, hint: InvalidHint): void
}

/** Decides which logs are read, from the options and the pods' metadata. Remembers each decision until one of them changes. */
export class Admission {
  readonly #parts: AdmissionParts
  #selection: Selection
  #waitMs: number
  #podAnnotations: boolean
  #decisions = new WeakMap<ContainerRef, { readonly pod: PodRecord | undefined; readonly decision: Decision }>()
  /** Digests of the reports, oldest first. */
  readonly #reported = new Set<string>()

  constructor(options: AdmissionOptions, parts: AdmissionParts) {
    this.#parts = parts
    this.#selection = compile(options)
    this.#waitMs = options.waitForMetadata
    this.#podAnnotations = options.podAnnotations
  }

  configure(options: AdmissionOptions): void {
    this.#selection = compile(options)
    this.#waitMs = options.waitForMetadata
    this.#podAnnotations = options.podAnnotations
    this.#decisions = new WeakMap()
  }

  /** `waitedMs`: since the log was found. If only metadata can select the pod, the log waits until the pod is known. */
  admit(ref: ContainerRef, waitedMs: number): Admitted {
    if (this.#parts.self.owns(ref)) return { kind: 'exclude' }
    const pod = this.#parts.find(ref)
    const { kind } = this.#decisionOn(ref, pod)
    if (kind === 'exclude') return { kind: 'exclude' }
    if (pod !== undefined && kind === 'read') return { kind: 'read' }
    const forMs = kind === 'read' ? this.#waitMs - waitedMs : Number.POSITIVE_INFINITY
    return forMs > 0 ? { kind: 'wait', forMs } : { kind: 'read' }
  }

  /** Whether the annotations of pods are used. */
  get usesAnnotations(): boolean {
    return this.#podAnnotations
  }

  /** Whether the log is read, and the option or annotation that decides it. */
  explain(ref: ContainerRef): Decision {
    if (this.#parts.self.owns(ref)) return { kind: 'exclude', rule: "Loggy's rule not to read itself" }
    return this.#selection.decide(ref, this.#parts.find(ref))
  }

  /** The pod's `loggy.io/` annotations that are ignored; none if annotations are not used. */
  hints(ref: ContainerRef): InvalidHint[] {
    const pod = this.#parts.find(ref)
    return pod === undefined ? [] : this.#invalidHints(pod)
  }

  /** Counts the `loggy.io/` annotations of these pods that are ignored. */
  countInvalidHints(pods: Iterable<PodRecord>): number {
    let count = 0
    for (const pod of pods) count += this.#invalidHints(pod).length
    return count
  }

  #invalidHints(pod: PodRecord): InvalidHint[] {
    return this.#podAnnotations ? invalidHints(pod, this.#parts.tenants) : []
  }

  #decisionOn(ref: ContainerRef, pod: PodRecord | undefined): Decision {
    const last = this.#decisions.get(ref)
    if (last !== undefined && last.pod === pod) return last.decision
    // The run that stored a pod has reported them; now there is no API server to take the events.
    if (pod !== undefined && !pod.isCached) this.#reportInvalidHints(pod)
    const decision = this.#selection.decide(ref, pod)
    this.#decisions.set(ref, { pod, decision })
    return decision
  }

  #reportInvalidHints(pod: PodRecord): void {
    for (const hint of this.#invalidHints(pod)) {
      const digest = hintDigest(pod, hint)
      if (this.#reported.has(digest)) continue
      const [oldest] = this.#reported
      if (oldest !== undefined && this.#reported.size >= REMEMBERED_REPORTS) this.#reported.delete(oldest)
      this.#reported.add(digest)
      const { annotation, value, expected } = hint
      const shown = value === undefined ? undefined : shownValue(value)
      const fields = { namespace: pod.namespace, pod: pod.name, annotation, value: shown, expected }
      this.#parts.log.warn('invalid annotation: ignored', fields)
      this.#parts.onInvalidHint(pod, hint)
    }
  }
}

function compile(options: AdmissionOptions): Selection {
  const labels = parseSelector(options.labels, { values: 'label' })
  const annotations = parseSelector(options.annotations, { values: 'annotation' })
  return createSelection({ ...options, labels, annotations })
}
