import type { Config } from '../config/schema.ts'
import type { KeptKeys } from '../kube/metadata-cache.ts'
import { keyMatch } from '../pipeline/resource.ts'
import { HINT_PREFIX } from '../select/hint-names.ts'
import { parseSelector } from '../select/selector.ts'

/** Of a pod's labels and annotations, those that its entries show, and those that decide whether and where they go: nothing else is stored. */
export function keptKeys({ enrich, select }: Pick<Config, 'enrich' | 'select'>): KeptKeys {
  const labels = new Set(parseSelector(select.labels, { values: 'label' }).keys)
  const annotations = new Set(parseSelector(select.annotations, { values: 'annotation' }).keys)
  const showsLabel = keyMatch(enrich.labels)
  const showsAnnotation = keyMatch(enrich.annotations)
  return {
    label: (key) => labels.has(key) || showsLabel(key),
    annotation(key, bytes) {
      if ((annotations.has(key) || key.startsWith(HINT_PREFIX)) && bytes < Infinity) return 'whole'
      if (!showsAnnotation(key)) return 'nothing'
      return bytes <= enrich.maxAnnotationBytes ? 'whole' : 'key'
    },
    rules: JSON.stringify([
      [...labels].sort(),
      [...annotations].sort(),
      [enrich.labels, enrich.annotations].map(({ include, exclude }) => [include, exclude]),
      enrich.maxAnnotationBytes,
    ]),
  }
}
