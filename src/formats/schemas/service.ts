import type { JsonObject } from '../../lib/json-object.ts'
import { parseImage } from './image.ts'
import { derived, textsOf } from './rows.ts'
import { type Member, type Path, type ResourceRow, textOfPath } from './schema.ts'

/** What a pod's annotations may say of its resource attributes. */
const PREFIX = 'resource.opentelemetry.io/'

/**
 * The service that a container belongs to, by OpenTelemetry's rules.
 * Source: https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
export function service(at: Path): ResourceRow {
  const names = ['service.name', 'service.namespace', 'service.version', 'service.instance.id']
  return derived(
    names.map((name) => [...at, name]),
    (kubernetes) => attributes(kubernetes).map(([name, value]): Member => [[...at, name], value]),
    [...names, `<key> of annotation ${PREFIX}<key>`].map((name) => textOfPath([...at, name])),
  )
}

function attributes(kubernetes: JsonObject): readonly (readonly [string, unknown])[] {
  const { namespace, pod, container } = kubernetes
  const labels = new Map(textsOf(kubernetes.labels))
  const stated = textsOf(kubernetes.annotations)
    .filter(([key]) => key.startsWith(PREFIX) && key.length > PREFIX.length)
    .map(([key, value]) => [key.slice(PREFIX.length), value] as const)
  const owner = new Map(textsOf(kubernetes.owner)).get('name')
  return [
    ...stated,
    ['service.name', labels.get('app.kubernetes.io/instance') ?? labels.get('app.kubernetes.io/name') ?? owner ?? pod],
    ['service.namespace', namespace],
    ['service.version', labels.get('app.kubernetes.io/version') ?? versionOf(kubernetes.image)],
    ['service.instance.id', `${namespace}.${pod}.${container}`],
  ]
}

function versionOf(image: unknown): string | undefined {
  if (typeof image !== 'string') return undefined
  const { tag, digest } = parseImage(image)
  return [tag, digest].filter((part) => part !== '').join('@') || undefined
}
