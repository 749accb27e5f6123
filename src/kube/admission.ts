import type { Admitted, ContainerRef, Log, PodRecord } from '../model.ts'
import { createSelection, type Decision, invalidHints, type NameGlobs, type Selection } from './selection.ts'
import { parseSelector } from './selector.ts'

/** Reports that are remembered, so that one is not repeated at each change of its pod, and memory does not grow with pods. */
const REMEMBERED_REPORTS = 1000

/** Which containers are read, and how long one whose pod is unknown waits for it. Selectors are text that is known to parse. */
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
  /** Loggy's own pod, never read. */
  readonly self: { readonly namespace: string | undefined; readonly pod: string | undefined }
  readonly log: Log
}

type Verdict = ReturnType<Selection['decide']>['verdict']

/** Decides which logs are read, from the options and what is known of their pods; remembers a decision until either changes. */
export class Admission {
  readonly #parts: AdmissionParts
  #selection: Selection
  #waitMs: number
  #heedsAnnotations: boolean
  #verdicts = new WeakMap<ContainerRef, { readonly pod: PodRecord | undefined; readonly verdict: Verdict }>()
  readonly #reported = new Set<string>()

  constructor(options: AdmissionOptions, parts: AdmissionParts) {
    this.#parts = parts
    this.#selection = compile(options, parts)
    this.#waitMs = options.waitForMetadata
    this.#heedsAnnotations = options.podAnnotations
  }

  configure(options: AdmissionOptions): void {
    this.#selection = compile(options, this.#parts)
    this.#waitMs = options.waitForMetadata
    this.#heedsAnnotations = options.podAnnotations
    this.#verdicts = new WeakMap()
  }

  /** `waitedMs`: since the log was found. An unknown pod that only its metadata can select is waited for without end. */
  admit(ref: ContainerRef, waitedMs: number): Admitted {
    const pod = this.#parts.find(ref)
    const verdict = this.#verdictOn(ref, pod)
    if (verdict === 'exclude') return { is: 'exclude' }
    if (pod !== undefined && verdict === 'read') return { is: 'read' }
    const forMs = verdict === 'read' ? this.#waitMs - waitedMs : Number.POSITIVE_INFINITY
    return forMs > 0 ? { is: 'wait', forMs } : { is: 'read' }
  }

  /** Whether pods may decide for themselves. */
  get heedsAnnotations(): boolean {
    return this.#heedsAnnotations
  }

  /** Whether the log is to be read, and which option or annotation says so. */
  explain(ref: ContainerRef): Decision {
    return this.#selection.decide(ref, this.#parts.find(ref))
  }

  #verdictOn(ref: ContainerRef, pod: PodRecord | undefined): Verdict {
    const known = this.#verdicts.get(ref)
    if (known !== undefined && known.pod === pod) return known.verdict
    if (pod !== undefined) this.#reportInvalidHints(pod)
    const { verdict } = this.#selection.decide(ref, pod)
    this.#verdicts.set(ref, { pod, verdict })
    return verdict
  }

  #reportInvalidHints(pod: PodRecord): void {
    for (const hint of invalidHints(pod)) {
      const key = `${pod.uid} ${hint.annotation} ${hint.value}`
      if (this.#reported.has(key)) continue
      if (this.#reported.size >= REMEMBERED_REPORTS) this.#reported.clear()
      this.#reported.add(key)
      this.#parts.log.warn('invalid annotation: ignored', { namespace: pod.namespace, pod: pod.name, ...hint })
    }
  }
}

function compile(options: AdmissionOptions, { self }: AdmissionParts): Selection {
  const labels = parseSelector(options.labels, { values: 'label' })
  const annotations = parseSelector(options.annotations, { values: 'annotation' })
  return createSelection({ ...options, labels, annotations }, self)
}
