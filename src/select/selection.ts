import { globs, type NameMatch } from '../lib/glob.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { hints } from './hint-names.ts'
import { containerGlobs } from './hint-rules.ts'
import type { Selector } from './selector.ts'

/** Which containers to read; all conditions must hold. */
export interface SelectOptions {
  readonly namespaces: NameGlobs
  readonly containers: NameGlobs
  readonly labels: Selector
  readonly annotations: Selector
  /** Whether the annotations of pods are used. */
  readonly podAnnotations: boolean
}

/** A name must match one of `include` and none of `exclude`. */
export interface NameGlobs {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** Whether a log is read, and the option or annotation that decides it. */
export interface Decision {
  /** `unknown`: the pod's metadata is needed to decide. */
  readonly kind: 'read' | 'exclude' | 'unknown'
  readonly rule: string
}

/** Decides for each log, from its path and its pod's metadata. */
export interface Selection {
  decide(ref: ContainerRef, pod: PodRecord | undefined): Decision
}

/** No selector can contain this value. */
const NO_SELECTORS_VALUE = '\0'

/** Compiles the options once. */
export function createSelection(options: SelectOptions): Selection {
  const namespaceRule = nameRule('select.namespaces', options.namespaces)
  const containerRule = nameRule('select.containers', options.containers)
  const hasSelectors = !options.labels.isEmpty || !options.annotations.isEmpty

  const ofConfig = (ref: ContainerRef, pod: PodRecord | undefined): Decision => {
    const refusal = namespaceRule(ref.namespace) ?? containerRule(ref.container)
    if (refusal !== undefined) return { kind: 'exclude', rule: refusal }
    if (!hasSelectors) return { kind: 'read', rule: 'select' }
    if (pod === undefined) return { kind: 'unknown', rule: 'the pod is not known yet' }
    return ofSelectors(options, pod)
  }

  return {
    decide(ref, pod) {
      if (!options.podAnnotations) return ofConfig(ref, pod)
      if (pod !== undefined) return ofHints(ref, pod) ?? ofConfig(ref, pod)
      const decision = ofConfig(ref, undefined)
      return decision.kind === 'exclude'
        ? { kind: 'unknown', rule: `${decision.rule}, unless the pod has the annotation ${hints.include}` }
        : decision
    },
  }
}

function ofHints(ref: ContainerRef, pod: PodRecord): Decision | undefined {
  const { annotations } = pod
  if (annotations[hints.exclude] === 'true') return { kind: 'exclude', rule: `${hints.exclude}: "true"` }
  const excluded = annotations[hints.excludeContainers]
  if (excluded !== undefined && globs(containerGlobs(excluded) ?? [])(ref.container)) {
    return { kind: 'exclude', rule: `${hints.excludeContainers}: "${excluded}"` }
  }
  if (annotations[hints.include] === 'true') return { kind: 'read', rule: `${hints.include}: "true"` }
  return undefined
}

function ofSelectors({ labels, annotations }: SelectOptions, pod: PodRecord): Decision {
  if (!labels.matches(pod.labels)) return { kind: 'exclude', rule: `select.labels: ${labels.text}` }
  if (!annotations.matches(allAnnotations(pod)))
    return { kind: 'exclude', rule: `select.annotations: ${annotations.text}` }
  return { kind: 'read', rule: 'select' }
}

/** Annotations whose values were not kept get a value that differs from all values in selectors. */
function allAnnotations({ annotations, longAnnotations = [] }: PodRecord): PodRecord['annotations'] {
  if (longAnnotations.length === 0) return annotations
  return { ...annotations, ...Object.fromEntries(longAnnotations.map((key) => [key, NO_SELECTORS_VALUE])) }
}

/** The setting that excludes a name, or undefined. */
function nameRule(key: string, { include, exclude }: NameGlobs): (name: string) => string | undefined {
  const isIncluded = globs(include)
  const refusals: readonly [string, NameMatch][] = exclude.map((pattern) => [pattern, globs([pattern])])
  return (name) => {
    const refusal = refusals.find(([, matches]) => matches(name))
    if (refusal !== undefined) return `${key}.exclude: ${refusal[0]}`
    return isIncluded(name) ? undefined : `${key}.include: ${include.join(',')}`
  }
}
