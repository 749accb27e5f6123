import { isObject, type JsonObject, textsOf } from '../lib/json-object.ts'
import type { Resource } from '../model/resource.ts'
import { attributesOf, resourceOf } from './otlp/resource.ts'

// The attributes of OpenTelemetry for destinations that take texts only, and nothing nested.

/** Fixed fields whose names are taken. */
const FIELDS = 'loggy.fields'
const OWNER = 'loggy.owner'
const RESTARTS = 'k8s.container.restart_count'
/** Joined by commas, which none of their members has. */
const LISTS = ['container.image.tags', 'container.image.repo_digests', 'loggy.annotationsOmitted']

/** What is known of a container as names and texts. `isTaken`: names that mean something else to the destination. */
export function flatAttributesOf(
  { fields, kubernetes }: Resource,
  isTaken: (name: string) => boolean,
): [name: string, value: string][] {
  const isFree = (name: string) => name === 'cluster' || !isTaken(name)
  const all = Object.entries(fields)
  const free = Object.fromEntries(all.filter(([name]) => isFree(name)))
  const taken = Object.fromEntries(all.filter(([name]) => !isFree(name)))
  const found = attributesOf({ fields: free, kubernetes })
  return [
    // An annotation may name any attribute.
    ...Object.entries(found).filter(([name]) => !isTaken(name)),
    [FIELDS, taken] as const,
  ].flatMap(([name, value]) => flat(name, value))
}

function flat(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return [[name, value.join()]]
  if (isObject(value)) return Object.entries(value).map(([key, inner]) => [`${name}.${key}`, String(inner)])
  return [[name, String(value)]]
}

/** The inverse. Of all members of an object, those are read that the destination does not need itself. */
export function resourceOfFlat(members: JsonObject, isTaken: (name: string) => boolean): Resource {
  const texts = textsOf(members).filter(([name]) => !isTaken(name))
  const isOne = ([name]: [string, string]) => !name.startsWith(`${FIELDS}.`) && !name.startsWith(`${OWNER}.`)
  const under = (prefix: string) =>
    Object.fromEntries(
      texts
        .filter(([name]) => name.startsWith(`${prefix}.`))
        .map(([name, value]) => [name.slice(prefix.length + 1), value]),
    )
  const owner = under(OWNER)
  const attributes = Object.fromEntries(
    texts.filter(isOne).map(([name, value]) => {
      if (LISTS.includes(name)) return [name, value.split(',')]
      return [name, name === RESTARTS ? Number(value) : value]
    }),
  )
  return resourceOf({
    ...attributes,
    [FIELDS]: under(FIELDS),
    ...(Object.keys(owner).length > 0 && { [OWNER]: owner }),
  })
}
