import { globs, type NameMatch } from '../lib/glob.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { Resource } from '../model/resource.ts'

/** Which keys of a map go onto each entry; names take globs. */
export interface KeyChoice {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

export interface ResourceOptions {
  readonly labels: KeyChoice
  readonly annotations: KeyChoice
  /** Bytes of one annotation's value; a longer one is left off and its key listed in `annotationsOmitted`. */
  readonly maxAnnotationBytes: number
  /** Empty for none. */
  readonly cluster: string
  /** What is on each entry, by name. */
  readonly fields: Readonly<Record<string, string>>
}

/** What is the same for all lines of a container besides its pod. */
export interface Surroundings {
  readonly node: string
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly nodeLabels: Readonly<Record<string, string>> | undefined
  /** Whether some of it is from the disk; see PodRecord. */
  readonly isCached?: boolean
}

const NO_LABELS = { namespaceLabels: undefined, nodeLabels: undefined }

/** Gathers a container's metadata, once for all of its records. */
export type ResourceOf = (ref: ContainerRef, pod: PodRecord | undefined, around: Surroundings) => Resource

export function createResourceOf(options: ResourceOptions): ResourceOf {
  const hasLabel = keyMatch(options.labels)
  const hasAnnotation = keyMatch(options.annotations)
  const { cluster } = options
  const fields = { ...(cluster !== '' && { cluster }), ...options.fields }
  return (ref, pod, surroundings) => {
    // What is not known to the API server is told from its path alone.
    const around: Surroundings =
      pod === undefined && surroundings.isCached ? { ...surroundings, ...NO_LABELS } : surroundings
    const annotations = Object.entries(pod?.annotations ?? {}).filter(([key]) => hasAnnotation(key))
    const fits = ([, value]: [string, string]) => Buffer.byteLength(value) <= options.maxAnnotationBytes
    const long = (pod?.longAnnotations ?? []).filter(hasAnnotation)
    const omitted = [...annotations.filter((annotation) => !fits(annotation)).map(([key]) => key), ...long]
    const kubernetes = {
      namespace: ref.namespace,
      pod: ref.pod,
      container: ref.container,
      uid: pod?.uid ?? ref.uid,
      node: pod?.node ?? around.node,
      podIP: pod?.podIP,
      ...containerFields(ref, pod),
      owner: pod?.owner,
      labels: pod && Object.fromEntries(Object.entries(pod.labels).filter(([key]) => hasLabel(key))),
      annotations: pod && Object.fromEntries(annotations.filter(fits)),
      annotationsOmitted: omitted.length > 0 ? omitted : undefined,
      namespaceLabels: around.namespaceLabels,
      nodeLabels: around.nodeLabels,
      metadata: sourceOf(pod, around),
    }
    return { fields, kubernetes }
  }
}

/** Undefined if all of it is as the API server says. */
function sourceOf(pod: PodRecord | undefined, around: Surroundings): 'path-only' | 'cached' | undefined {
  if (pod === undefined) return 'path-only'
  return pod.isCached || around.isCached ? 'cached' : undefined
}

/** The path tells which instance wrote the line; the API only knows the latest one. */
function containerFields(ref: ContainerRef, pod: PodRecord | undefined) {
  const known = pod?.containers.get(ref.container)
  const isLatest = ref.restartCount === undefined || known?.restartCount === ref.restartCount
  const hasWholeID = ref.containerID !== undefined && /^[0-9a-f]{64}$/.test(ref.containerID)
  return {
    image: known?.image,
    containerID: hasWholeID ? ref.containerID : ((isLatest ? known?.containerID : undefined) ?? ref.containerID),
    restartCount: ref.restartCount ?? known?.restartCount,
    containerKind: known === undefined || known.kind === 'container' ? undefined : known.kind,
  }
}

/** Whether a key is chosen. */
export function keyMatch(choice: KeyChoice): NameMatch {
  const includes = globs(choice.include)
  const excludes = globs(choice.exclude)
  return (key) => includes(key) && !excludes(key)
}
