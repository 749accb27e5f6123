import type { PodRecord } from '../model/pod-record.ts'

/** What an annotation says, and its key and value. */
export interface Said<T> {
  readonly meaning: T
  readonly annotation: string
  readonly value: string
}

/** The key of an annotation that is for the whole pod or, with a point and a container's name behind it, for that container. */
export function isContainerHint(annotation: string, key: string): boolean {
  return annotation === key || annotation.startsWith(`${key}.`)
}

/** What the pod's annotations of that kind say for the container: its own first, then the pod's. Those that mean nothing are passed over. */
export function containerHints<T>(
  pod: Pick<PodRecord, 'annotations'> | undefined,
  { container, key, read }: { readonly container: string; readonly key: string; read(value: string): T | undefined },
): Said<T>[] {
  return [`${key}.${container}`, key].flatMap((annotation) => {
    const value = pod?.annotations[annotation]
    const meaning = value === undefined ? undefined : read(value)
    return value === undefined || meaning === undefined ? [] : [{ meaning, annotation, value }]
  })
}
